import { describe, expect, test } from 'vitest';
import type { Aws } from '#aws/aws.ts';
import type { JsonObject } from '#core/json.ts';
import type { RecoveredServer } from '#core/outcome.ts';
import type { OperationContext } from '../contract.ts';
import { recovery } from './recovery.ts';
import { terminate } from './terminate.ts';
import { contextIn, openWorld, runToEnd, type DrsWorld, type Run } from './testing.ts';

const APP = { Tier: 'app' };
const WAVE_2 = { waveNumber: 2 };
const ALL = { resources: { recoveredInThisExecution: true } };
const EXACT = { timing: { sigma: 0, terminateSeconds: [300, 300] } };

/** A world in which servers have been launched already. */
async function launched(
  count: number,
  more: { mode?: 'drill' | 'recovery'; faults?: object[] } = {},
): Promise<{ world: DrsWorld; launch: Run }> {
  const world = openWorld({ ...EXACT, generate: { count, tags: APP } }, { faults: more.faults ?? [] });
  const launch = await runToEnd(
    world,
    recovery,
    { resources: { tags: APP } },
    { mode: more.mode ?? 'drill' },
  );
  for (const { result } of launch.outcomes.values())
    world.recovered.push(result as unknown as RecoveredServer);
  world.calls.length = 0;
  return { world, launch };
}

function instancesLeft({ simulation }: DrsWorld): number {
  const scope = { accountId: '111122223333', region: 'eu-central-1' };
  const input = { filters: {} };
  const call = {
    service: 'drs',
    operation: 'DescribeRecoveryInstances',
    ...scope,
    input,
    now: simulation.world.now,
    principal: 'test',
  };
  return (simulation.world.invoke(call) as { items: unknown[] }).items.length;
}

function jobsStarted({ simulation }: DrsWorld): number {
  return simulation.stats.effects({ service: 'drs', operation: 'TerminateRecoveryInstances' });
}

/** A door whose answers about DRS are so long under way that a job may end meanwhile. */
function slowly({ aws, clock }: DrsWorld, ms: number): Aws {
  const late =
    <I, O>(call: (input: I, signal?: AbortSignal) => Promise<O>) =>
    async (input: I, signal?: AbortSignal): Promise<O> => {
      const answer = await call(input, signal);
      await clock.sleep(ms);
      return answer;
    };
  return {
    for: (target) => {
      const there = aws.for(target);
      const { describeJobs, describeRecoveryInstances } = there.drs;
      const slow = {
        describeJobs: late(describeJobs),
        describeRecoveryInstances: late(describeRecoveryInstances),
      };
      return { ...there, drs: { ...there.drs, ...slow } };
    },
  };
}

describe('terminate', () => {
  test('terminates what this execution has launched, and waits until it is gone and the servers are free', async () => {
    const { world } = await launched(3);
    const { end, outcomes, elapsedMs } = await runToEnd(world, terminate, ALL, { waveNumber: 2 });
    expect(end.status).toBe('completed');
    expect([...outcomes.keys()].sort()).toEqual(
      world.recovered.map((server) => server.recoveryInstanceId).sort(),
    );
    expect([...outcomes.values()].map(({ status }) => status)).toEqual([
      'completed',
      'completed',
      'completed',
    ]);
    expect({ left: instancesLeft(world), jobs: jobsStarted(world) }).toEqual({ left: 0, jobs: 1 });
    expect(elapsedMs).toBeGreaterThanOrEqual(300_000);
    expect(elapsedMs).toBeLessThan(300_000 * 1.08);
    const again = await runToEnd(world, recovery, { resources: { tags: APP } }, { waveNumber: 3 });
    expect(again.end.status).toBe('completed');
    expect(world.calls.filter(({ error }) => error !== null)).toEqual([]);
  });

  test('an instance that its job terminates between two reads of one look is gone, not failed', async () => {
    const { world } = await launched(2);
    world.aws = slowly(world, 400_000);
    const { end, outcomes } = await runToEnd(world, terminate, ALL, WAVE_2);
    expect([...outcomes.values()].map(({ status }) => status)).toEqual(['completed', 'completed']);
    expect({ status: end.status, jobs: jobsStarted(world) }).toEqual({ status: 'completed', jobs: 1 });
  });

  test('takes ids of recovery instances and of source servers', async () => {
    const { world } = await launched(3);
    const [first, second] = world.recovered;
    const resources = {
      recoveryInstanceIds: [first!.recoveryInstanceId],
      sourceServerIds: [second!.sourceServerId],
    };
    const { end, outcomes } = await runToEnd(world, terminate, { resources }, WAVE_2);
    expect(end.status).toBe('completed');
    expect([...outcomes.keys()].sort()).toEqual(
      [first!.recoveryInstanceId, second!.recoveryInstanceId].sort(),
    );
    expect(instancesLeft(world)).toBe(1);
  });

  test('does nothing, and completes, when the execution has launched nothing', async () => {
    const { end } = await runToEnd(openWorld({}), terminate, ALL, WAVE_2);
    expect(end.status).toBe('completed');
  });

  test('fails for an instance that does not exist, and terminates the others', async () => {
    const { world } = await launched(1);
    const resources = {
      recoveryInstanceIds: [world.recovered[0]!.recoveryInstanceId, 'i-0000000000000dead'],
    };
    const { end, outcomes } = await runToEnd(world, terminate, { resources }, WAVE_2);
    expect(end.status).toBe('failed');
    expect(outcomes.get('i-0000000000000dead')?.error?.code).toBe('ResourceUnresolved');
    expect(instancesLeft(world)).toBe(0);
  });

  test.each([
    { when: 'a retry, for it was there before', parameters: {}, attempt: 2 },
    { when: 'a clean-up that says so', parameters: { ignoreGone: true }, attempt: 1 },
  ])('an instance that is gone counts as terminated in $when', async ({ parameters, attempt }) => {
    const { world } = await launched(1);
    const recoveryInstanceIds = [world.recovered[0]!.recoveryInstanceId, 'i-0000000000000dead'];
    const input = { resources: { recoveryInstanceIds }, parameters };
    const { end, outcomes } = await runToEnd(world, terminate, input, { ...WAVE_2, attempt });
    expect(end.status).toBe('completed');
    expect(outcomes.get('i-0000000000000dead')).toMatchObject({
      status: 'completed',
      detail: 'was gone already',
    });
    expect(instancesLeft(world)).toBe(0);
  });

  test('refuses, in a drill, what a recovery has launched', async () => {
    const { world } = await launched(2, { mode: 'recovery' });
    const { end, outcomes } = await runToEnd(world, terminate, ALL, { ...WAVE_2, mode: 'drill' });
    expect(end.status).toBe('failed');
    expect([...outcomes.values()].map(({ error }) => error?.code)).toEqual([
      'NotADrillInstance',
      'NotADrillInstance',
    ]);
    expect({ left: instancesLeft(world), jobs: jobsStarted(world) }).toEqual({ left: 2, jobs: 0 });
  });

  test('terminates 250 instances in jobs within the quotas', async () => {
    const { world } = await launched(250);
    const { end, largestState } = await runToEnd(world, terminate, ALL, WAVE_2);
    expect({ status: end.status, left: instancesLeft(world) }).toEqual({ status: 'completed', left: 0 });
    expect(world.calls.filter(({ error }) => error !== null)).toEqual([]);
    expect(largestState).toBeLessThan(64 * 1_024);
  });

  test('starts one job when the answer of AWS is lost', async () => {
    const faults = [
      { fault: 'responseLost', service: 'drs', operation: 'TerminateRecoveryInstances', times: 1 },
    ];
    const { world } = await launched(2, { faults });
    const { end } = await runToEnd(world, terminate, ALL, WAVE_2);
    expect({ status: end.status, left: instancesLeft(world), jobs: jobsStarted(world) }).toEqual({
      status: 'completed',
      left: 0,
      jobs: 1,
    });
  });

  test('whose process dies after any one answer of AWS ends the same, and starts no second job', async () => {
    const { world: undisturbed } = await launched(2);
    await runToEnd(undisturbed, terminate, ALL, WAVE_2);
    const answers = undisturbed.calls.length;
    for (const n of [...Array(8).keys(), answers - 3, answers - 2, answers - 1].map((i) => i + 1)) {
      const { world } = await launched(2);
      world.crashAfter = n;
      const { end, outcomes, crashes } = await runToEnd(world, terminate, ALL, WAVE_2);
      const found = {
        n,
        crashes,
        status: end.status,
        outcomes: outcomes.size,
        left: instancesLeft(world),
        jobs: jobsStarted(world),
      };
      expect(found).toEqual({ n, crashes: 1, status: 'completed', outcomes: 2, left: 0, jobs: 1 });
    }
  });
});

describe('the undo of a recovery', () => {
  const input = { resources: { tags: APP }, parameters: recovery.parameters.parse({}) };

  async function undo(world: DrsWorld, results: JsonObject, context: OperationContext): Promise<string> {
    if (!('run' in recovery.undo)) return 'irreversible';
    for (;;) {
      const progress = await recovery.undo.run(context, input, results);
      if (progress.status !== 'in_progress') return progress.status;
      await world.clock.sleep(progress.waitMs);
    }
  }

  test('terminates what a drill has launched, with one job, and can be repeated', async () => {
    const { world, launch } = await launched(3);
    const context = contextIn(world);
    expect(await undo(world, launch.end.results, context)).toBe('completed');
    expect(await undo(world, launch.end.results, context)).toBe('completed');
    expect({ left: instancesLeft(world), jobs: jobsStarted(world) }).toEqual({ left: 0, jobs: 1 });
  });

  test('touches nothing after a recovery: going back is a failback', async () => {
    const { world, launch } = await launched(1, { mode: 'recovery' });
    expect(await undo(world, launch.end.results, contextIn(world, { mode: 'recovery' }))).toBe('failed');
    expect(instancesLeft(world)).toBe(1);
  });
});
