import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { virtualClock, type VirtualClock } from '#clocks/virtual.ts';
import { engineConformance, type World } from '../conformance.ts';
import { openEmbeddedEngine, type EmbeddedEngine } from './engine.ts';

const opened = new Map<World, { engine: EmbeddedEngine; clock: VirtualClock; directory: string }>();

for (const place of ['a file', 'memory'] as const) {
  engineConformance({
    name: `embedded, in ${place}`,
    setup: async ({ machines, functions = {}, queues = {} }) => {
      const clock = virtualClock({ startsAt: Date.parse('2026-01-07T10:00:00Z') });
      const directory = mkdtempSync(join(tmpdir(), 'engine-'));
      let ids = 0;
      const names = [...Object.keys(machines), ...Object.keys(functions), ...Object.keys(queues)];
      const engine = await openEmbeddedEngine({
        path: place === 'memory' ? ':memory:' : join(directory, 'engine.db'),
        clock,
        newId: () => `id-${++ids}`,
        machines,
        functions,
        queues,
        substitutions: Object.fromEntries(names.map((name) => [name, name])),
      });
      const world: World = {
        engine,
        settled: (executionId) => engine.settled({ executionId }),
        now: () => clock.now(),
        sleep: (ms) => clock.sleep(ms),
      };
      opened.set(world, { engine, clock, directory });
      return world;
    },
    teardown: async (world) => {
      const { engine, clock, directory } = opened.get(world)!;
      await engine.close();
      rmSync(directory, { recursive: true });
      expect(clock.pending()).toBeLessThanOrEqual(1);
    },
  });
}
