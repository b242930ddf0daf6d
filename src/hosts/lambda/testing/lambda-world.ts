import { BreakwaterError } from '#core/errors.ts';
import type { Engine } from '#engine/port.ts';
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
  const refuse = async (): Promise<never> => {
    throw new BreakwaterError('AwsUnreachable', 'no engine here');
  };
  const engine: Engine = {
    start: refuse,
    completeTask: refuse,
    failTask: refuse,
    heartbeat: refuse,
    stop: refuse,
    describe: refuse,
    history: refuse,
  };
  return openLambdaApi(
    { AWS_REGION: 'eu-central-1', AWS_ENDPOINT_URL: 'http://127.0.0.1:9', ...environment },
    { ports: { store, engine }, ...(fetch && { fetch }) },
  );
}
