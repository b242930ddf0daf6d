import type { Finding } from './outcome.ts';
import type { Wave } from './plan.ts';

type Node = Pick<Wave, 'waveNumber' | 'dependencies'>;

/**
 * The waves that each wave waits for, by wave number. `dependencies` omitted means the previous wave (the highest
 * lower number); given, exactly those, each once.
 */
export function dependenciesOf(waves: readonly Node[]): ReadonlyMap<number, readonly number[]> {
  const numbers = waves.map((wave) => wave.waveNumber).sort((a, b) => a - b);
  return new Map(
    waves.map((wave) => {
      const previous = numbers[numbers.indexOf(wave.waveNumber) - 1];
      return [wave.waveNumber, [...new Set(wave.dependencies ?? (previous === undefined ? [] : [previous]))]];
    }),
  );
}

/** Everything that is wrong with the graph of the waves: numbers used twice, unknown dependencies, cycles. */
export function checkWaves(waves: readonly Node[]): Finding[] {
  return [...duplicates(waves), ...unknownDependencies(waves), ...cycles(waves)];
}

/**
 * Wave numbers so that each comes after all it depends on; among those that are free, lowest number first. Expects a
 * graph without findings.
 */
export function topologicalOrder(waves: readonly Node[]): number[] {
  return sortWaves(waves).order;
}

/** The longest way through the waves, in ms, and when each wave ends on it. `durationMs` by wave number. */
export function longestPath(
  waves: readonly Node[],
  durationMs: (waveNumber: number) => number,
): { totalMs: number; endsAtMs: ReadonlyMap<number, number> } {
  const dependencies = dependenciesOf(waves);
  const endsAtMs = new Map<number, number>();
  for (const number of topologicalOrder(waves)) {
    const startMs = Math.max(0, ...dependencies.get(number)!.map((dependency) => endsAtMs.get(dependency)!));
    endsAtMs.set(number, startMs + durationMs(number));
  }
  return { totalMs: Math.max(0, ...endsAtMs.values()), endsAtMs };
}

function duplicates(waves: readonly Node[]): Finding[] {
  return waves.flatMap((wave, index) => {
    const first = waves.findIndex((other) => other.waveNumber === wave.waveNumber);
    return first === index
      ? []
      : [
          {
            level: 'error' as const,
            rule: 'WaveNumberDuplicate',
            path: `waves[${index}].waveNumber`,
            value: wave.waveNumber,
            message: `wave number ${wave.waveNumber} is used by waves[${first}] already`,
            remedy: 'Give each wave a number of its own.',
          },
        ];
  });
}

function unknownDependencies(waves: readonly Node[]): Finding[] {
  const known = new Set(waves.map((wave) => wave.waveNumber));
  return waves.flatMap((wave, index) =>
    (wave.dependencies ?? []).flatMap((dependency, place) =>
      known.has(dependency)
        ? []
        : [
            {
              level: 'error' as const,
              rule: 'WaveDependencyUnknown',
              path: `waves[${index}].dependencies[${place}]`,
              value: dependency,
              message: `wave ${wave.waveNumber} depends on wave ${dependency}, which does not exist`,
              remedy: `Use one of the wave numbers ${[...known].sort((a, b) => a - b).join(', ')}.`,
            },
          ],
    ),
  );
}

function cycles(waves: readonly Node[]): Finding[] {
  const { rest } = sortWaves(waves);
  if (rest.size === 0) return [];
  const cycle = findCycle(rest, waves);
  const index = waves.findIndex((wave) => wave.waveNumber === cycle[0]);
  return [
    {
      level: 'error',
      rule: 'WaveDependencyCycle',
      path: `waves[${index}].dependencies`,
      value: [...cycle],
      message: `waves depend on each other in a circle: ${[...cycle, cycle[0]].join(' → ')}`,
      remedy: 'Remove one of these dependencies.',
    },
  ];
}

/** Kahn's algorithm. `rest` holds the waves that lie on a cycle or behind one. */
function sortWaves(waves: readonly Node[]): { order: number[]; rest: ReadonlySet<number> } {
  const rest = new Set(waves.map((wave) => wave.waveNumber));
  const waitsFor = new Map(
    [...dependenciesOf(waves)].map(([n, list]) => [n, list.filter((d) => rest.has(d))]),
  );
  const missing = new Map([...waitsFor].map(([number, list]) => [number, list.length]));
  const dependents = new Map<number, number[]>();
  for (const [number, list] of waitsFor) {
    for (const dependency of list)
      dependents.set(dependency, [...(dependents.get(dependency) ?? []), number]);
  }
  const order: number[] = [];
  let free = [...rest].filter((number) => missing.get(number) === 0).sort((a, b) => a - b);
  while (free.length > 0) {
    const number = free.shift()!;
    order.push(number);
    rest.delete(number);
    const freed = (dependents.get(number) ?? []).filter((dependent) => {
      missing.set(dependent, missing.get(dependent)! - 1);
      return missing.get(dependent) === 0;
    });
    if (freed.length > 0) free = [...free, ...freed].sort((a, b) => a - b);
  }
  return { order, rest };
}

/** Walks from wave to dependency inside `rest` until a wave comes again; every wave of `rest` has one to go to. */
function findCycle(rest: ReadonlySet<number>, waves: readonly Node[]): number[] {
  const dependencies = dependenciesOf(waves);
  const path: number[] = [];
  let current = Math.min(...rest);
  while (!path.includes(current)) {
    path.push(current);
    current = dependencies.get(current)!.find((dependency) => rest.has(dependency))!;
  }
  return path.slice(path.indexOf(current));
}
