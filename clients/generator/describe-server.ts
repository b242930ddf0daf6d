import { createApp } from '#api/app.ts';
import { virtualClock } from '#clocks/virtual.ts';
import { apiOf } from '#hosts/api-of.ts';
import { simulatedEstate } from '#hosts/local/estate.ts';
import { openPlatform } from '#hosts/local/platform.ts';
import { parseScenario } from '#sim/index.ts';
import type { ApiDocument } from './openapi.ts';

const SCENARIO = {
  name: 'nothing',
  startsAt: '2026-01-01T00:00:00Z',
  accounts: [{ accountId: '111122223333' }],
};

/** What a server answers to `GET /openapi.json`: of a server in this process, that listens nowhere and keeps nothing. */
export async function describeServer(): Promise<ApiDocument> {
  const clock = virtualClock({ startsAt: 0 });
  const estate = simulatedEstate({ scenario: parseScenario(SCENARIO), clock, path: null });
  const platform = await openPlatform({
    recordsPath: ':memory:',
    enginePath: ':memory:',
    clock,
    estate,
    seed: 1,
  });
  const { routes, authenticator } = apiOf({ platform, askSts: nobody, fetch: nobody });
  const app = await createApp({ routes, authenticator, onError: () => {} });
  // Through JSON, as a client sees it.
  const document = JSON.parse(JSON.stringify(app.swagger())) as ApiDocument;
  await app.close();
  await platform.close();
  return document;
}

async function nobody(): Promise<never> {
  throw new TypeError('a description asks nobody');
}
