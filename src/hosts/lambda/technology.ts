import { failTechnology, pollTechnology, startTechnology } from '#workflow/technologies.ts';
import { functionOf, once } from './function.ts';
import { lambdaServices, thenSettled, type Adapter } from './services.ts';

/** The function of one adapter: the steps of its technologies. */
export function adapterFunction(adapter: Adapter): ReturnType<typeof functionOf> {
  return functionOf(
    {
      'technology-start': thenSettled(startTechnology),
      'technology-poll': thenSettled(pollTechnology),
      'technology-fail': thenSettled(failTechnology),
    },
    once(() => lambdaServices(adapter, process.env)),
  );
}
