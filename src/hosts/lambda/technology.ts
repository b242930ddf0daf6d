import type { Operation } from '#adapters/contract.ts';
import { failTechnology, pollTechnology, startTechnology } from '#workflow/technologies.ts';
import { functionOf, once } from './function.ts';
import { lambdaServices } from './services.ts';

/** The function of one adapter: the steps of its technologies. */
export function adapterFunction(operations: readonly Operation[]): ReturnType<typeof functionOf> {
  return functionOf(
    {
      'technology-start': startTechnology,
      'technology-poll': pollTechnology,
      'technology-fail': failTechnology,
    },
    once(() => lambdaServices(operations, process.env)),
  );
}
