import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { Settings, type SettingsStore } from '#control/settings.ts';
import { BreakwaterError, reportOf } from '#core/errors.ts';
import { createApp } from '#api/app.ts';
import { referencePage } from '#api/reference-page.ts';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import type { ServeParams, Serving } from '#cli/host.ts';
import { openDataDirectory } from './data-directory.ts';
import { apiOf } from '../api-of.ts';
import { askStsOf } from '../ask-sts.ts';
import { readScenarioFile } from './estate.ts';
import { explainFileError } from './json-file.ts';
import { keepRun } from './keep-run.ts';
import { openIn, type Environment } from './open-in.ts';
import { readRun } from './run-record.ts';

/** Serves the REST API in this process. */
export async function serve(params: ServeParams, environment: Environment): Promise<Serving> {
  const { dataDir, scenario, time, host, port, onError } = params;
  // Read before the directory is touched: bad files leave nothing behind.
  if (scenario !== undefined) await readScenarioFile(scenario);
  const tls = params.tls && { key: readPem(params.tls.key), cert: readPem(params.tls.cert) };
  const directory = await openDataDirectory(dataDir, { serves: true });
  const closers: (() => Promise<void> | void)[] = [() => directory.close()];
  try {
    await keepRun(directory, { dataDir, scenario, time, goOn: true });
    const session = await openIn(directory, dataDir, environment);
    closers[0] = () => session.close();
    const api = apiOf({ platform: session.platform, askSts: askStsOf(session.estate, fetch), fetch });
    if (params.config !== undefined) await putConfig(api.plane.settings, params.config);
    const app = await createApp({
      routes: api.routes,
      authenticator: api.authenticator,
      page: referencePage,
      onForbidden: (denial) => api.denials.note(denial),
      watch: (watched) => api.metrics.watch(watched),
      onError: (error, requestId) => onError(describe(`request ${requestId}`, error)),
      ...(tls === undefined ? {} : { tls }),
      ...(params.trustProxy === undefined ? {} : { trustProxy: params.trustProxy }),
    });
    closers.unshift(
      () => app.close(),
      () => api.denials.flush(),
    );
    // What one that was killed has counted.
    await api.denials.recordDue();
    const jobs = api.plane.startJobs((error) => onError(describe('schedules and notifications', error)));
    closers.unshift(() => jobs.stop());
    const url = await listen(() => app.listen({ host, port }), `${host}:${port}`);
    return {
      url,
      serverId: session.platform.serverId,
      adminToken: await api.plane.tokens.ensureAdminToken({ anew: params.newAdminToken === true }),
      recovered: session.recovered,
      simulated: readRun(dataDir)?.simulated === true,
      clock: session.clock,
      failure: () => session.failure(),
      close: () => closeAll(closers),
    };
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}

async function closeAll(closers: readonly (() => Promise<void> | void)[]): Promise<void> {
  for (const close of closers) await close();
}

async function listen(start: () => Promise<string>, place: string): Promise<string> {
  try {
    return await start();
  } catch (cause) {
    throw new BreakwaterError('UsageInvalid', `cannot listen on ${place}`, { cause });
  }
}

/** Settings from a file take the place of those that are kept. */
async function putConfig(settings: SettingsStore, path: string): Promise<void> {
  const parsed = Settings.safeParse(readYaml(path));
  if (!parsed.success) throw new BreakwaterError('UsageInvalid', `${path}: ${z.prettifyError(parsed.error)}`);
  const { revision, value } = await settings.get();
  if (isDeepStrictEqual(value, parsed.data)) return;
  await settings.put(parsed.data, revision, { by: `file:${path}` });
}

function readYaml(path: string): unknown {
  try {
    return parseYaml(readFileSync(path, 'utf8'), { maxAliasCount: 100 });
  } catch (error) {
    throw explainFileError(error, path);
  }
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw explainFileError(error, path);
  }
}

function describe(where: string, error: unknown): string {
  const { code, message, causes } = reportOf(error);
  const stack = error instanceof Error ? `\n${error.stack ?? ''}` : '';
  return `${where}: ${[`${code}: ${message}`, ...causes].join(': ')}${stack}`;
}
