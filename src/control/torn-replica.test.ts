import { expect, test } from 'vitest';
import type { Store } from '#store/port.ts';
import { workbench } from '#workflow/testing/bench.ts';
import { createAudit } from './audit.ts';

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

/** The trail as whoever catches up has it. */
function auditOf({ deps, services }: ReturnType<typeof workbench>, store: Store = deps.store) {
  return createAudit({
    store,
    executions: services.executions,
    hash: deps.hash,
    serverId: 'bw-1',
    realNow: () => 0,
    newId: () => 'id',
    onFailure: () => {},
  });
}

/** Takes away what did not come to this Region. */
async function lose({ deps }: ReturnType<typeof workbench>, executionId: string): Promise<void> {
  const key = { partition: executionId, sort: '' };
  await deps.store.write([{ kind: 'remove', table: 'execution-history', key, expect: 'any' }]);
}

test('an execution whose head did not come to this Region keeps no other out of the trail and the list', async () => {
  const bench = workbench();
  const [lost, whole] = [await bench.start(PLAN), await bench.start(PLAN)];
  await lose(bench, lost);
  const audit = auditOf(bench);
  await audit.catchUp();
  const { records } = await audit.list({});
  expect(records.map(({ record }) => record.executionId)).toEqual([whole]);
  expect((await bench.control.listExecutions({})).executions.map(({ executionId }) => executionId)).toEqual([
    whole,
  ]);
});

test('events of one execution that cannot be chained keep no other out of the trail, and that is told', async () => {
  const bench = workbench();
  const [bad, good] = [await bench.start(PLAN), await bench.start(PLAN)];
  const { store } = bench.deps;
  const failing: Store = {
    ...store,
    get: async (place) => {
      if (place.key.partition === 'audit-chained' && place.key.sort === bad)
        throw new RangeError('unreadable');
      return store.get(place);
    },
    query: (params) => store.query(params),
    write: (writes) => store.write(writes),
  };
  const audit = auditOf(bench, failing);
  await expect(audit.catchUp()).rejects.toThrow('unreadable');
  expect((await audit.list({})).records.map(({ record }) => record.executionId)).toEqual([good]);
});
