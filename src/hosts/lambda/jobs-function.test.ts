import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { memoryStore } from '#store/memory-store.ts';
import { jobsFunction, type JobsContext } from './jobs-function.ts';
import { readEmf } from './testing/read-emf.ts';
import { lambdaApi } from './testing/lambda-world.ts';

const context: JobsContext = {
  invokedFunctionArn: 'arn:aws:lambda:eu-central-1:111122223333:function:breakwater-jobs',
  getRemainingTimeInMillis: () => 60_000,
};
const minute = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };
const hint = {
  source: 'aws.drs',
  'detail-type': 'DRS Source Server Launch Result',
  account: '111122223333',
  region: 'eu-central-1',
  resources: ['arn:aws:drs:eu-central-1:111122223333:source-server/s-00000000000000001'],
  detail: { state: 'RECOVERY_LAUNCH_SUCCEEDED' },
};

let lines: string[];
beforeEach(() => {
  lines = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
});
afterEach(() => void vi.restoreAllMocks());

/** A function on records in memory, which say that DRS was asked just now. */
async function bench() {
  const store = memoryStore();
  const { platform } = await lambdaApi({ store });
  await store.write([
    {
      kind: 'put',
      table: 'platform-records',
      key: { partition: 'replication', sort: '111122223333/eu-central-1' },
      value: { at: new Date().toISOString(), found: { lagSeconds: 7, stalled: [], unknown: false } },
      expect: 'absent',
    },
  ]);
  return { store, handler: jobsFunction(async () => platform) };
}

test('each minute it does what is due, and prints what it measured as lines of JSON', async () => {
  const { handler } = await bench();
  await handler(minute, context);
  const emf = lines.flatMap((text) => text.trimEnd().split('\n')).map(readEmf);
  expect(emf).toContainEqual({ ExecutionsRunning: 0, ExecutionsWaitingForPeople: 0 });
  expect(emf).toContainEqual({
    AccountId: '111122223333',
    Region: 'eu-central-1',
    ReplicationLagSeconds: 7,
    ReplicationLagUnknown: 0,
    StalledServers: 0,
  });
});

test('what is no event at all counts as a minute', async () => {
  const { handler } = await bench();
  await handler(null, context);
  expect(lines).toHaveLength(8);
});

test('a hint of DRS brings no tick', async () => {
  const { handler } = await bench();
  await handler(hint, context);
  expect(lines).toEqual([]);
});

test('a tick whose records are out of reach fails, and each part leaves its error in a line', async () => {
  const { store, handler } = await bench();
  await handler(minute, context);
  lines.splice(0);
  store.query = async () => {
    throw new TypeError('no records');
  };
  await expect(handler(minute, context)).rejects.toMatchObject({
    name: 'JobsFailed',
    message: 'sweep, audit trail, schedules, notifications, denials, metrics failed',
  });
  expect(lines.map((line) => (JSON.parse(line) as Record<string, unknown>)['where'])).toEqual([
    'sweep',
    'audit trail',
    'schedules',
    'notifications',
    'denials',
    'metrics',
    undefined,
  ]);
});
