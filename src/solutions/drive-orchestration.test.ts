import { expect, test } from 'vitest';
import { recovery } from '#adapters/drs/recovery.ts';
import { openWorld, runToEnd } from '#adapters/drs/testing.ts';
import { GIVEN } from '#adapters/testing/remote-stage.ts';
import { openSolution } from './open-solution.ts';
import { placeAt } from './testing/answering-server.ts';
import { fakeOrchestrator, type FakeOrchestrator, type KeptExecution } from './testing/fake-orchestrator.ts';

/** Two servers, launched at the third look. */
const launches = (execution: KeptExecution, reads: number): void => {
  const launchStatus = reads < 2 ? 'PENDING' : 'LAUNCHED';
  const serverStatuses = ['s-1', 's-2'].map((sourceServerId) => ({
    sourceServerId,
    launchStatus,
    ...(reads < 2 ? {} : { recoveryInstanceId: `i-${sourceServerId}` }),
  }));
  const status = reads < 2 ? 'LAUNCHING' : 'COMPLETED';
  Object.assign(execution, {
    status: reads < 2 ? 'POLLING' : 'COMPLETED',
    ...(reads < 2 ? {} : { endTime: 1_780_000_600 }),
    waves: [{ waveNumber: 0, waveName: 'Web', status, region: 'us-west-2', serverStatuses }],
  });
};

/** `drs/recovery` over HTTP, in virtual time. */
async function drive(there: FakeOrchestrator) {
  const world = openWorld({});
  const door = openSolution('drs-orchestration', placeAt(there.url, { clock: world.clock }));
  return runToEnd(world, recovery, GIVEN, { solution: async () => door });
}

test.each([{ pascal: false }, { pascal: true }])(
  'a plan of the public solution recovers servers, although the answer to its start was lost (PascalCase: $pascal)',
  async ({ pascal }) => {
    const there = await fakeOrchestrator({ pascal });
    there.onRead = launches;
    there.mishaps.push(
      { at: 'POST /executions', answer: 'hang up', tookEffect: true },
      { at: 'GET /executions', answer: { status: 503 } },
      { at: 'GET /executions/{id}', answer: { status: 429, headers: { 'retry-after': '30' } } },
    );
    const { end, outcomes } = await drive(there);
    expect(there.kept.map(({ initiatedBy }) => initiatedBy)).toEqual(['breakwater/exec-1/w1/t0/a1']);
    expect(end).toMatchObject({
      status: 'completed',
      results: { drsExecutionId: 'there-1', launched: 2, executionTime: 'PT10M' },
    });
    expect(outcomes.get('s-2')?.result).toMatchObject({ ec2InstanceId: 'i-s-2', region: 'us-west-2' });
  },
);

test('a plan whose tags match nothing is COMPLETED there, and has failed here', async () => {
  const there = await fakeOrchestrator();
  there.onRead = (execution) =>
    void Object.assign(execution, {
      status: 'COMPLETED',
      waves: [{ waveNumber: 0, waveName: 'Web', status: 'COMPLETED', serverIds: [], serverStatuses: [] }],
    });
  expect((await drive(there)).end).toMatchObject({
    status: 'failed',
    error: {
      message: 'execution there-1 at core-dr: it is COMPLETED there, but has launched no server at all',
    },
  });
});

test('a plan whose job has vanished is COMPLETED there, and its servers have failed here', async () => {
  const there = await fakeOrchestrator();
  there.onRead = (execution) =>
    void Object.assign(execution, {
      status: 'COMPLETED',
      waves: [{ waveNumber: 0, waveName: 'Web', status: 'COMPLETED', serverIds: ['s-1'], jobId: 'drsjob-1' }],
    });
  const { end, outcomes } = await drive(there);
  expect(end).toMatchObject({
    status: 'failed',
    error: { message: 'execution there-1 at core-dr: 1 of 1 servers were not launched there' },
  });
  expect(outcomes.get('s-1')?.error?.message).toBe('it was not launched: its status there is not given');
});

test('servers that are in use there are a failure that says so', async () => {
  const there = await fakeOrchestrator();
  const message = '2 server(s) are already in active executions';
  there.mishaps.push({
    at: 'POST /executions',
    answer: { status: 409, body: { error: 'ALREADY_EXISTS', message } },
  });
  expect((await drive(there)).end).toMatchObject({
    status: 'failed',
    error: { code: 'SolutionRefused', message: `core-dr refuses (409): ${message}` },
  });
});
