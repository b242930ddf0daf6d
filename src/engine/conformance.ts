import { describe, expect, test } from 'vitest';
import { testExecutions } from './conformance/executions.ts';
import { testFlow } from './conformance/flow.ts';
import { testParallelism } from './conformance/parallelism.ts';
import { testTasks } from './conformance/tasks.ts';
import { testTokens } from './conformance/tokens.ts';
import { unknownTitles, type ConformanceOptions } from './conformance/world.ts';

export type { World } from './conformance/world.ts';

/** The suite that every implementation of the engine port passes. */
export function engineConformance(options: ConformanceOptions): void {
  describe(`the engine port: ${options.name}`, () => {
    testExecutions(options);
    testFlow(options);
    testTasks(options);
    testTokens(options);
    testParallelism(options);
    test('Nothing is left out that the suite does not have.', () =>
      expect(unknownTitles(options)).toEqual([]));
  });
}
