import type { OperationContext } from '#adapters/contract.ts';
import { recovery } from '#adapters/drs/recovery.ts';
import { contextIn, openWorld, runToEnd, type DrsWorld, type Run } from '#adapters/drs/testing.ts';
import { fakeSolution, type FakeSolution } from './fake-solution.ts';

/** A plan of the fake solution. */
export const GIVEN = {
  resources: { recoveryPlanId: 'plan-1' },
  parameters: { integration: 'api', solution: 'core-dr' },
};

export interface Stage {
  readonly world: DrsWorld;
  readonly solution: FakeSolution;
  run(overrides?: Partial<OperationContext>, parameters?: object): Promise<Run>;
  assess(overrides?: Partial<OperationContext>, given?: object): ReturnType<typeof recovery.assess>;
}

/** A fake solution beside a simulated AWS, and `drs/recovery` driving its plan. */
export function stage({ startsOnce = false } = {}): Stage {
  const world = openWorld({});
  const solution = fakeSolution({ clock: world.clock, startsOnce });
  const reach = { solution: async (name: string) => (name === solution.name ? solution : null) };
  return {
    world,
    solution,
    run: (overrides, parameters = {}) =>
      runToEnd(
        world,
        recovery,
        { ...GIVEN, parameters: { ...GIVEN.parameters, ...parameters } },
        { ...reach, ...overrides },
      ),
    assess: (overrides = {}, given = GIVEN) => {
      const { resources, parameters } = given as typeof GIVEN;
      const input = {
        resources: recovery.resources.parse(resources),
        parameters: recovery.parameters.parse(parameters ?? {}),
      };
      return recovery.assess(contextIn(world, { ...reach, ...overrides }), input);
    },
  };
}

export const INPUT = {
  resources: recovery.resources.parse(GIVEN.resources),
  parameters: recovery.parameters.parse(GIVEN.parameters),
};
