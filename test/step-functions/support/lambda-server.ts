import type { Json } from '#core/json.ts';
import type { TaskHandler } from '#engine/port.ts';
import type { Listening } from '../../support/listen.ts';
import { startInvokeApi } from './invoke-api.ts';

/** AWS Lambda over handlers in this process, as its Node.js runtime would answer. */
export interface LambdaServer extends Listening {
  /** Handlers by the name of their function; may be changed at any time. */
  readonly functions: Map<string, TaskHandler>;
}

export async function startLambdaServer(): Promise<LambdaServer> {
  const functions = new Map<string, TaskHandler>();
  const api = await startInvokeApi(async ({ name }, event) => {
    const handler = functions.get(name);
    if (handler === undefined) return 'unknown';
    try {
      return { payload: (await handler(event as Json)) ?? null, isError: false };
    } catch (thrown) {
      return { payload: errorOf(thrown), isError: true };
    }
  });
  return { ...api, functions };
}

function errorOf(thrown: unknown): Json {
  const errorType = thrown instanceof Error ? thrown.name : typeof thrown;
  const errorMessage = thrown instanceof Error ? thrown.message : String(thrown);
  return { errorType, errorMessage, trace: [`${errorType}: ${errorMessage}`] };
}
