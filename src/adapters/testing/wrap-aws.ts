import type { SolutionDoor } from '#adapters/drs/solution-door.ts';
import type { Aws, AwsTarget } from '#aws/aws.ts';

/** Runs one call of the door, or does something else in its place. */
export type AroundCall = (run: () => Promise<unknown>) => Promise<unknown>;

/** A door of which every call goes through `around`. */
export function wrapAws(aws: Aws, around: AroundCall): Aws {
  return {
    for: (where) => {
      const target = aws.for(where);
      const entries = Object.entries(target).map(([name, value]) => [
        name,
        typeof value === 'object' && value !== null ? wrapService(value as object, around) : value,
      ]);
      return Object.fromEntries(entries) as AwsTarget;
    },
  };
}

/** The same of the door to a DRS solution. */
export function wrapDoor(door: SolutionDoor, around: AroundCall): SolutionDoor {
  const { name, paceMs, startsOnce, placeOf, ...calls } = door;
  return { name, paceMs, startsOnce, placeOf, ...(wrapService(calls, around) as typeof calls) };
}

function wrapService(service: object, around: AroundCall): object {
  return Object.fromEntries(
    Object.entries(service).map(([name, call]) => [
      name,
      (...args: unknown[]) => around(() => (call as (...args: unknown[]) => Promise<unknown>)(...args)),
    ]),
  );
}
