import { expect, test } from 'vitest';
import { workbench } from '#workflow/testing/bench.ts';

const PLAN = {
  waves: [{ waveNumber: 1, name: 'One', technologies: [{ type: 'drs', operation: 'recovery' }] }],
};

test('events whose head did not come to this Region stay, and what happens next comes behind them', async () => {
  const bench = workbench();
  const { control, deps } = bench;
  const executionId = await bench.start(PLAN);
  const place = { table: 'execution-history', key: { partition: executionId, sort: '' } } as const;
  const { value, index } = (await deps.store.get(place))!;
  await control.pause({ executionId, by: 'ana' });
  await deps.store.write([{ kind: 'put', ...place, value, index: index!, expect: 'any' }]);

  await control.cancel({ executionId, by: 'ben' });
  const events = await control.listEvents({ executionId });
  expect(events.map(({ sequence, code }) => `${sequence} ${code}`)).toEqual([
    '1 ExecutionStarted',
    '2 ExecutionPauseRequested',
    '3 ExecutionPaused',
    '4 ExecutionCancelRequested',
  ]);
});
