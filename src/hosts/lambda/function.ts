import { nearestName } from '#core/nearest-name.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { Json } from '#core/json.ts';

/** What Lambda tells a function about the call, as far as it is used. */
export interface LambdaContext {
  readonly invokedFunctionArn: string;
}

/**
 * A function of Lambda that performs several handlers. Each has an alias of the function, named like the handler: the state machine
 * invokes `…:function:breakwater-wave-controller:validate-wave`.
 */
export function functionOf<T>(
  handlers: Readonly<Record<string, (services: T, input: Json) => Promise<Json>>>,
  services: () => T | Promise<T>,
): (input: Json, context: LambdaContext) => Promise<Json> {
  return async (input, { invokedFunctionArn }) => {
    const alias = invokedFunctionArn.split(':')[7] ?? '';
    const handler = Object.hasOwn(handlers, alias) ? handlers[alias] : undefined;
    if (handler === undefined) {
      const names = Object.keys(handlers);
      throw new BreakwaterError(
        'HandlerUnknown',
        `the function was invoked as ${invokedFunctionArn}; its aliases are ${names.join(', ')}`,
        { details: { alias, known: names, nearest: nearestName(alias, names) } },
      );
    }
    return handler(await services(), input);
  };
}

/** Made once a process, at the first call: calls that come meanwhile wait for the same. If that fails, the next call tries again. */
export function once<T>(make: () => T | Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= (async () => make())().catch((error: unknown) => {
      made = null;
      throw error;
    });
    return made;
  };
}
