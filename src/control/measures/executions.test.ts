import { expect, test } from 'vitest';
import { validateExecution } from '#workflow/execution.ts';
import { receiveGate } from '#workflow/gates.ts';
import { planOf, STARTS_AT, workbench } from '#workflow/testing/bench.ts';
import { measureExecutions } from './executions.ts';

const none = { open: 0, oldestSeconds: 0 };

test('where nothing runs everything is 0', async () => {
  const { deps } = workbench();
  expect(await measureExecutions(deps)).toEqual({
    running: 0,
    waitingForPeople: 0,
    gates: { dependencies: none, pause: none, decision: none, approval: none },
  });
});

test('open gates are counted by kind, with the age of the oldest; an execution that waits only for a wave waits for nobody', async () => {
  const bench = workbench();
  const gate = async (executionId: string, waveNumber: number, kind: string, at: number) => {
    bench.now = at;
    const taskToken = `${executionId}/${waveNumber}/${kind}`;
    await receiveGate(bench.services, { executionId, waveNumber, kind, taskToken });
  };
  const plan = { ...planOf([{}], [{}]), approval: { required: 1 } };
  const first = await bench.start(plan);
  await validateExecution(bench.services, { executionId: first });
  await gate(first, 0, 'approval', STARTS_AT + 10_000);
  await gate(first, 2, 'dependencies', STARTS_AT + 20_000);
  const second = await bench.start(planOf([{}], [{}]));
  await gate(second, 2, 'dependencies', STARTS_AT + 30_000);
  const third = await bench.start(planOf([{ resources: { lock: 'x' } }]));
  await gate(third, 1, 'decision', STARTS_AT + 40_000);
  const ended = await bench.start(planOf([{ resources: { lock: 'y' } }]));
  await gate(ended, 1, 'decision', STARTS_AT);
  await bench.services.executions.change(ended, (change) =>
    change.putHead({ ...change.head(), status: 'cancelled' }),
  );
  bench.now = STARTS_AT + 100_400;
  expect(await measureExecutions(bench.deps)).toEqual({
    running: 3,
    waitingForPeople: 2,
    gates: {
      dependencies: { open: 2, oldestSeconds: 80 },
      pause: none,
      decision: { open: 1, oldestSeconds: 60 },
      approval: { open: 1, oldestSeconds: 90 },
    },
  });
});
