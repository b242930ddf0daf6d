import { BreakwaterError } from '#core/errors.ts';
import { refusingEngine } from '#engine/refusing-engine.ts';
import { memoryStore } from '#store/memory-store.ts';
import type { Store } from '#store/port.ts';
import { openLambdaApi, type LambdaApi } from '../open-api.ts';

/** The API of a function, on records in memory and an engine that does nothing. AWS is out of reach. */
export function lambdaApi({
  store = memoryStore(),
  environment = {},
  fetch,
}: {
  store?: Store;
  environment?: Record<string, string>;
  fetch?: typeof globalThis.fetch;
} = {}): Promise<LambdaApi> {
  const engine = refusingEngine(() => {
    throw new BreakwaterError('AwsUnreachable', 'no engine here');
  });
  return openLambdaApi(
    { AWS_REGION: 'eu-central-1', AWS_ENDPOINT_URL: 'http://127.0.0.1:9', ...environment },
    { ports: { store, engine }, ...(fetch && { fetch }) },
  );
}
