import type { Json } from '#core/json.ts';

/** One thing that differs. `before` or `after` is missing where there was or is nothing. */
export interface Difference {
  /** `waves[1].technologies[0].timeout`. */
  readonly path: string;
  readonly before?: Json;
  readonly after?: Json;
}

/** Everything that differs between two JSON values, by path. Lists are compared place by place. */
export function differences(before: unknown, after: unknown, path = ''): Difference[] {
  if (isContainer(before) && isContainer(after) && Array.isArray(before) === Array.isArray(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].flatMap((name) =>
      differences(member(before, name), member(after, name), pathTo(path, name, Array.isArray(before))),
    );
  }
  if (before === after) return [];
  return [
    {
      path,
      ...(before === undefined ? {} : { before: before as Json }),
      ...(after === undefined ? {} : { after: after as Json }),
    },
  ];
}

function member(container: object, name: string): unknown {
  return Object.hasOwn(container, name) ? (container as Record<string, unknown>)[name] : undefined;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function pathTo(path: string, name: string, isList: boolean): string {
  if (isList) return `${path}[${name}]`;
  return path === '' ? name : `${path}.${name}`;
}
