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

function wrapService(service: object, around: AroundCall): object {
  return Object.fromEntries(
    Object.entries(service).map(([name, call]) => [
      name,
      (...args: unknown[]) => around(() => (call as (...args: unknown[]) => Promise<unknown>)(...args)),
    ]),
  );
}
