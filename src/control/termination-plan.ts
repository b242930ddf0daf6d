import { Plan } from '#core/plan.ts';

export interface TerminationPlace {
  readonly accountId?: string | undefined;
  readonly region?: string | undefined;
  readonly recoveryInstanceIds: readonly string[];
}

/**
 * A plan of one wave that terminates recovery instances, in each place side by side. `ignoreGone`: those that are not there count as
 * terminated, for ids that were not typed by a person.
 */
export function terminationPlan(
  name: string,
  places: readonly TerminationPlace[],
  { ignoreGone = false }: { readonly ignoreGone?: boolean } = {},
): Plan {
  return Plan.parse({
    name: name.slice(0, 128),
    waves: [
      {
        waveNumber: 1,
        name: 'Terminate recovery instances',
        technologies: places.map(({ accountId, region, recoveryInstanceIds }) => ({
          type: 'drs',
          operation: 'terminate',
          resources: { recoveryInstanceIds },
          parameters: { ignoreGone },
          ...(accountId === undefined ? {} : { accountId }),
          ...(region === undefined ? {} : { region }),
          // Nobody waits at a gate for a clean-up: what could not be terminated is said, and it can be asked for again.
          onFailure: 'stop',
          timeout: 'PT1H',
          retry: { maxAttempts: 2, interval: 'PT30S' },
        })),
      },
    ],
  });
}
