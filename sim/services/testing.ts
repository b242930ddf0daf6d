import { expect } from 'vitest';
import { ServiceError, type ServiceDefinition } from '#sim/kernel/contract.ts';
import { World } from '#sim/kernel/world.ts';

export const ACCOUNT = '111122223333';
export const START = Date.parse('2026-03-01T10:00:00Z');

/** A world of these services, for tests that call operations without the wire. Time moves by `pass` alone. */
export interface TestWorld {
  readonly world: World;
  /** Calls an operation at the present time. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller names the output of the operation
  invoke<O>(operation: string, input?: object, where?: { region?: string; service?: string }): O;
  /** Expects the operation to be refused, and answers the error. */
  refused(operation: string, input?: object, where?: { region?: string; service?: string }): ServiceError;
  /** Lets seconds pass. */
  pass(seconds: number): void;
}

/** `sections`: service name → Region → section of a scenario. The first service is the one that `invoke` means. */
export function testWorld(
  services: readonly ServiceDefinition[],
  sections: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  { seed = 1, region: home = 'eu-west-1' }: { seed?: number; region?: string } = {},
): TestWorld {
  const world = new World({ seed, startsAt: START, services });
  for (const service of services) {
    for (const [region, section] of Object.entries(sections[service.name] ?? {})) {
      service.seed?.(
        world.callFor({ accountId: ACCOUNT, region }, 'seed'),
        service.scenario!.parse(section) as never,
      );
    }
  }
  let now = START;
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as above
  const invoke = <O>(
    operation: string,
    input: object = {},
    where: { region?: string; service?: string } = {},
  ): O =>
    world.invoke({
      service: where.service ?? services[0]!.name,
      operation,
      input,
      accountId: ACCOUNT,
      region: where.region ?? home,
      now,
      principal: `arn:aws:iam::${ACCOUNT}:user/operator`,
    }) as O;
  return {
    world,
    invoke,
    refused: (...args) => expectRefusal(() => invoke(...args)),
    pass: (seconds) => world.advance((now += Math.round(seconds * 1_000))),
  };
}

function expectRefusal(act: () => unknown): ServiceError {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(ServiceError);
    return error as ServiceError;
  }
  throw new Error('expected the operation to be refused');
}
