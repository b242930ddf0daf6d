import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkWaves, dependenciesOf, longestPath, topologicalOrder } from './wave-graph.ts';

type Node = { waveNumber: number; dependencies?: number[] };

/** Any graph without cycles: a wave depends on lower numbers only, or says nothing; listed in any order. */
const acyclic = fc
  .array(fc.option(fc.array(fc.nat({ max: 30 }), { maxLength: 4 }), { nil: undefined }), {
    minLength: 1,
    maxLength: 30,
  })
  .chain((lists) => {
    const nodes: Node[] = lists.map((list, i) => ({
      waveNumber: i + 1,
      ...(list === undefined
        ? {}
        : { dependencies: list.map((d) => (d % (i + 1)) + 0).filter((d) => d > 0 && d <= i) }),
    }));
    return fc.shuffledSubarray(nodes, { minLength: nodes.length });
  });

describe('dependencies', () => {
  test('a wave that says nothing depends on the wave with the next lower number', () => {
    const waves = [{ waveNumber: 30 }, { waveNumber: 10 }, { waveNumber: 20 }];
    expect(dependenciesOf(waves)).toEqual(
      new Map([
        [30, [20]],
        [10, []],
        [20, [10]],
      ]),
    );
  });

  test('a wave that names its dependencies depends on exactly those, each once', () => {
    const waves = [{ waveNumber: 1 }, { waveNumber: 2 }, { waveNumber: 3, dependencies: [1, 1] }];
    expect(dependenciesOf(waves).get(3)).toEqual([1]);
  });

  test('an empty list means that the wave starts at once', () => {
    expect(dependenciesOf([{ waveNumber: 1 }, { waveNumber: 2, dependencies: [] }]).get(2)).toEqual([]);
  });
});

describe('checkWaves', () => {
  test('a sound graph has no findings', () => {
    expect(
      checkWaves([
        { waveNumber: 1, dependencies: [] },
        { waveNumber: 2, dependencies: [1] },
      ]),
    ).toEqual([]);
  });

  test('a number that is used twice is found where it is used again', () => {
    expect(checkWaves([{ waveNumber: 4 }, { waveNumber: 4 }])).toEqual([
      {
        level: 'error',
        rule: 'WaveNumberDuplicate',
        path: 'waves[1].waveNumber',
        value: 4,
        message: 'wave number 4 is used by waves[0] already',
        remedy: 'Give each wave a number of its own.',
      },
    ]);
  });

  test('a dependency on a wave that does not exist is found at its place', () => {
    expect(checkWaves([{ waveNumber: 1 }, { waveNumber: 2, dependencies: [1, 9] }])).toMatchObject([
      {
        rule: 'WaveDependencyUnknown',
        path: 'waves[1].dependencies[1]',
        value: 9,
        message: 'wave 2 depends on wave 9, which does not exist',
        remedy: 'Use one of the wave numbers 1, 2.',
      },
    ]);
  });

  test('a circle is found and named in the order in which its waves wait', () => {
    const waves = [
      { waveNumber: 1, dependencies: [] },
      { waveNumber: 2, dependencies: [4] },
      { waveNumber: 3, dependencies: [2, 1] },
      { waveNumber: 4, dependencies: [3] },
      { waveNumber: 5, dependencies: [4] },
    ];
    expect(checkWaves(waves)).toMatchObject([
      {
        rule: 'WaveDependencyCycle',
        path: 'waves[1].dependencies',
        value: [2, 4, 3],
        message: 'waves depend on each other in a circle: 2 → 4 → 3 → 2',
      },
    ]);
  });

  test('a wave that waits for itself is a circle', () => {
    expect(checkWaves([{ waveNumber: 7, dependencies: [7] }])).toMatchObject([
      { rule: 'WaveDependencyCycle', message: 'waves depend on each other in a circle: 7 → 7' },
    ]);
  });

  test('all findings come at once', () => {
    const waves = [
      { waveNumber: 1, dependencies: [2] },
      { waveNumber: 2, dependencies: [1, 8] },
      { waveNumber: 2 },
    ];
    expect(checkWaves(waves).map(({ rule }) => rule)).toEqual([
      'WaveNumberDuplicate',
      'WaveDependencyUnknown',
      'WaveDependencyCycle',
    ]);
  });
});

describe('order', () => {
  test('among the waves that are free the lowest number comes first', () => {
    const waves = [
      { waveNumber: 3, dependencies: [] },
      { waveNumber: 1, dependencies: [4] },
      { waveNumber: 2, dependencies: [] },
      { waveNumber: 4, dependencies: [] },
    ];
    expect(topologicalOrder(waves)).toEqual([2, 3, 4, 1]);
  });

  test('each wave comes once, and after all it depends on, in any graph without circles', () => {
    fc.assert(
      fc.property(acyclic, (waves) => {
        expect(checkWaves(waves)).toEqual([]);
        const order = topologicalOrder(waves);
        expect([...order].sort((a, b) => a - b)).toEqual(
          waves.map((w) => w.waveNumber).sort((a, b) => a - b),
        );
        for (const [number, dependencies] of dependenciesOf(waves)) {
          for (const dependency of dependencies)
            expect(order.indexOf(dependency)).toBeLessThan(order.indexOf(number));
        }
      }),
    );
  });
});

describe('longestPath', () => {
  test('waves that run side by side count once, by the longer one', () => {
    const waves = [
      { waveNumber: 1, dependencies: [] },
      { waveNumber: 2, dependencies: [1] },
      { waveNumber: 3, dependencies: [1] },
      { waveNumber: 4, dependencies: [2, 3] },
    ];
    const durations: Record<number, number> = { 1: 10, 2: 5, 3: 20, 4: 1 };
    const { totalMs, endsAtMs } = longestPath(waves, (n) => durations[n]!);
    expect(totalMs).toBe(31);
    expect(endsAtMs).toEqual(
      new Map([
        [1, 10],
        [2, 15],
        [3, 30],
        [4, 31],
      ]),
    );
  });

  test('no waves take no time', () => {
    expect(longestPath([], () => 1).totalMs).toBe(0);
  });
});
