import { beforeEach, describe, expect, test } from 'vitest';
import type { Json } from '#core/json.ts';
import type { GateKind } from '#core/view.ts';
import { LockRepository } from '#store/locks.ts';
import { cleanUpExecution, validateExecution } from './execution.ts';
import { receiveGate, sweepGates } from './gates.ts';
import { startTechnology } from './technologies.ts';
import { failed, planOf, workbench, type Bench } from './testing/bench.ts';
import { abortWave, applyDecision, completeWave, validateWaveCompletion } from './waves.ts';
import { validateWave } from './wave-validation.ts';

let bench: Bench;
beforeEach(() => {
  bench = workbench();
});

const wave = (executionId: string, waveNumber = 1) => ({ executionId, waveNumber });
const gate = (executionId: string, waveNumber: number, kind: GateKind, taskToken = `${kind}-${waveNumber}`) =>
  receiveGate(bench.services, { executionId, waveNumber, kind, taskToken });
const view = (executionId: string) => bench.control.getExecution({ executionId });
const openedTokens = (): string[] => bench.completed.map(({ token }) => token);

/** Validates and runs wave 1 with one technology that answers as scripted. */
async function runWave(id: string, waveNumber = 1): Promise<Json> {
  const { technologies } = (await validateWave(bench.services, wave(id, waveNumber))) as {
    technologies: { technologyIndex: number }[];
  };
  for (const { technologyIndex } of technologies) {
    await startTechnology(bench.services, { ...wave(id, waveNumber), technologyIndex });
  }
  return validateWaveCompletion(bench.services, wave(id, waveNumber));
}

describe('gates', () => {
  test('a wave without dependencies begins at once, one with dependencies when they are complete', async () => {
    const id = await bench.start(planOf([{}], [{}]));
    await gate(id, 1, 'dependencies');
    await gate(id, 2, 'dependencies');
    expect(openedTokens()).toEqual(['dependencies-1']);
    await runWave(id);
    await completeWave(bench.services, wave(id));
    expect(bench.completed[1]).toEqual({
      token: 'dependencies-2',
      output: { reason: '', proceed: true, action: 'opened', by: 'breakwater' },
    });
  });

  test('a gate that arrives after its reason is gone opens at once', async () => {
    const id = await bench.start(planOf([{}], [{}]));
    await gate(id, 1, 'dependencies');
    await runWave(id);
    await completeWave(bench.services, wave(id));
    expect(openedTokens()).toEqual(['dependencies-1']);
    await gate(id, 2, 'dependencies');
    expect(openedTokens()).toEqual(['dependencies-1', 'dependencies-2']);
  });

  test('a message that is delivered twice makes one gate', async () => {
    const id = await bench.start(planOf([{}]));
    await gate(id, 1, 'pause');
    await gate(id, 1, 'pause');
    expect((await view(id)).gates.map(({ gateId }) => gateId)).toEqual(['w1-pause']);
  });

  test('a message of a lost state machine that comes again or late leaves the new one not waiting', async () => {
    const id = await bench.start(planOf([{}]));
    await gate(id, 1, 'pause', 'lost');
    await gate(id, 1, 'pause', 'new');
    await gate(id, 1, 'pause', 'lost');
    await gate(id, 1, 'pause', 'lost earlier');
    await bench.control.resume({ executionId: id, by: 'ben' });
    expect(openedTokens()).toEqual(['lost earlier', 'new', 'lost']);
    expect((await view(id)).gates.map(({ gateId }) => gateId)).toEqual(['w1-pause']);
  });

  test('a resume that was given stands for the state machine that begins anew', async () => {
    const id = await bench.start(planOf([{}]));
    await gate(id, 1, 'pause', 'lost');
    await bench.control.resume({ executionId: id, by: 'ben' });
    bench.completed.length = 0;
    await gate(id, 1, 'pause', 'new');
    expect(bench.completed).toMatchObject([
      { token: 'new', output: { proceed: true, by: 'ben' } },
      { token: 'lost' },
    ]);
  });

  test('a closed gate whose opening was lost with the process is opened again at start', async () => {
    const id = await bench.start(planOf([{}]));
    await gate(id, 1, 'dependencies');
    bench.completed.length = 0;
    await sweepGates(bench.services, id);
    expect(openedTokens()).toEqual(['dependencies-1']);
  });

  test.each(['dependencies', 'approval', 'pause', 'decision'] as const)(
    'a message for a gate (%s) that comes when the execution has ended opens none, and whoever waits goes on',
    async (kind) => {
      const approval = { required: 1 };
      const { waves } = planOf([{}]) as { waves: object[] };
      const id = await bench.start({ waves: waves.map((one) => ({ ...one, approval })) });
      await cleanUpExecution(bench.services, {
        executionId: id,
        failure: { Error: 'Aborted', Cause: 'stopped in the console' },
      });
      const before = await view(id);
      await gate(id, 1, kind);
      expect(await view(id)).toEqual(before);
      expect(bench.completed).toMatchObject([{ token: `${kind}-1`, output: { proceed: false } }]);
    },
  );

  test('a gate whose reason went while nobody looked is opened at start', async () => {
    const id = await bench.start(planOf([{}]));
    await gate(id, 1, 'pause');
    await bench.services.executions.change(id, (change) =>
      change.putHead({ ...change.head(), autoResume: true }),
    );
    await sweepGates(bench.services, id);
    expect(openedTokens()).toEqual(['pause-1']);
  });
});

describe('a gate that nobody answers', () => {
  test('is closed as expired when its wave fails of it, and the record says so', async () => {
    const id = await bench.start(planOf([{}]));
    await gate(id, 1, 'dependencies');
    await runWave(id);
    await gate(id, 1, 'pause');
    await abortWave(bench.services, { ...wave(id), failure: { Error: 'States.Timeout', Cause: '' } });
    const { gates, waves } = await view(id);
    expect(waves[0]?.status).toBe('failed');
    expect(gates).toMatchObject([
      { status: 'closed', actions: [], resolution: { action: 'expired', by: 'breakwater' } },
    ]);
    const events = await bench.control.listEvents({ executionId: id });
    expect(events.at(-1)?.message).toBe('wave 1 (Wave 1) failed: nobody answered within 7 days');
  });

  test('stands for no other: who comes to it again is asked anew', async () => {
    const id = await bench.start(planOf([{}]));
    await gate(id, 1, 'pause');
    await abortWave(bench.services, { ...wave(id), failure: { Error: 'States.Timeout', Cause: '' } });
    await gate(id, 1, 'pause', 'again');
    const { gates } = await view(id);
    expect(gates.map(({ gateId, status }) => `${gateId} ${status}`)).toEqual([
      'w1-pause closed',
      'w1-pause-2 open',
    ]);
  });
});

describe('pause and resume', () => {
  test('while a pause is asked for no wave begins; resume lets them', async () => {
    const id = await bench.start(planOf([{}]));
    await validateExecution(bench.services, { executionId: id });
    await bench.control.pause({ executionId: id, by: 'ana' });
    await gate(id, 1, 'dependencies');
    expect(openedTokens()).toEqual([]);
    expect((await view(id)).status).toBe('paused');
    await bench.control.resume({ executionId: id, by: 'ben' });
    expect(openedTokens()).toEqual(['dependencies-1']);
    expect((await view(id)).status).toBe('in_progress');
  });

  test('a pause after a wave holds until someone resumes, and the record says who', async () => {
    const id = await bench.start({
      ...planOf([{}]),
      waves: [{ ...(planOf([{}]) as { waves: object[] }).waves[0], pauseAfterWave: true }],
    });
    await gate(id, 1, 'dependencies');
    expect(await runWave(id)).toEqual({ verdict: 'complete', pauseAfterWave: true });
    await gate(id, 1, 'pause');
    expect(await view(id)).toMatchObject({ status: 'paused', waves: [{ status: 'paused' }] });
    await bench.control.resume({ executionId: id, by: 'ben', reason: 'looks good' });
    await completeWave(bench.services, wave(id));
    const after = await view(id);
    expect(after).toMatchObject({ status: 'wave_complete', waves: [{ status: 'completed' }] });
    expect(after.gates[0]).toMatchObject({
      status: 'closed',
      actions: [],
      resolution: { action: 'resume', by: 'ben', reason: 'looks good' },
    });
  });

  test.each([
    { kind: 'pause', technology: {}, plan: { pauseAfterWave: true } },
    { kind: 'decision', technology: { operation: 'cancellable' }, plan: {} },
  ] as const)(
    'an execution says that it waits when its $kind gate is there, and not before: whoever is quick would find none',
    async ({ kind, technology, plan }) => {
      if (kind === 'decision') bench.answers.push(failed('r-1'));
      const waves = planOf([technology]) as { waves: object[] };
      const id = await bench.start({ waves: waves.waves.map((one) => ({ ...one, ...plan })) });
      await gate(id, 1, 'dependencies');
      await runWave(id);
      expect((await view(id)).status).toBe('in_progress');
      await gate(id, 1, kind);
      expect((await view(id)).status).toBe('paused');
      await bench.control.decide({
        executionId: id,
        by: 'ben',
        gateId: `w1-${kind}`,
        action: kind === 'pause' ? 'resume' : 'retry',
      });
      expect(openedTokens()).toEqual(['dependencies-1', `${kind}-1`]);
    },
  );

  test('a second resume changes nothing', async () => {
    const id = await bench.start(planOf([{}]));
    await gate(id, 1, 'pause');
    await bench.control.resume({ executionId: id, by: 'ben' });
    await bench.control.resume({ executionId: id, by: 'eve' });
    expect(openedTokens()).toEqual(['pause-1']);
  });
});

describe('a critical failure', () => {
  async function failWave(plan: object = planOf([{}])): Promise<string> {
    const id = await bench.start(plan);
    await gate(id, 1, 'dependencies');
    bench.answers.push(failed('r-1'));
    await runWave(id);
    return id;
  }

  test('asks a person, and says what failed', async () => {
    const id = await failWave();
    await gate(id, 1, 'decision');
    expect(await view(id)).toMatchObject({
      status: 'paused',
      gates: [
        { gateId: 'w1-decision', reason: 'scripted/run: r-1: broken', actions: ['retry', 'skip', 'cancel'] },
      ],
    });
  });

  test('retry works on what failed alone, as a new attempt with a name of its own', async () => {
    const id = await failWave();
    await gate(id, 1, 'decision');
    await bench.control.decide({ executionId: id, gateId: 'w1-decision', action: 'retry', by: 'ana' });
    await applyDecision(bench.services, { ...wave(id), action: 'retry', reason: '' });
    expect(await validateWave(bench.services, wave(id))).toEqual({
      technologies: [{ technologyIndex: 0, type: 'scripted', name: `${id}-w1-t0-a2` }],
    });
    await startTechnology(bench.services, { ...wave(id), technologyIndex: 0 });
    expect(bench.asked.at(-1)).toBe('start a2 only r-1');
    expect(await validateWaveCompletion(bench.services, wave(id))).toMatchObject({ verdict: 'complete' });
  });

  test('skip needs a reason, and the execution completes with exceptions', async () => {
    const id = await failWave();
    await gate(id, 1, 'decision');
    const skip = { executionId: id, gateId: 'w1-decision', action: 'skip', by: 'ana' } as const;
    await expect(bench.control.decide(skip)).rejects.toMatchObject({ code: 'UsageInvalid' });
    await bench.control.decide({ ...skip, reason: 'reporting can wait' });
    await applyDecision(bench.services, { ...wave(id), action: 'skip', reason: 'reporting can wait' });
    expect(await validateWave(bench.services, wave(id))).toEqual({ technologies: [] });
    expect(await validateWaveCompletion(bench.services, wave(id))).toMatchObject({ verdict: 'complete' });
    await completeWave(bench.services, wave(id));
    expect(await cleanUpExecution(bench.services, { executionId: id })).toEqual({ status: 'completed' });
    expect((await view(id)).outcome).toBe('with_exceptions');
  });

  test('an action that the gate does not know is refused, and the open gates are named', async () => {
    const id = await failWave();
    await gate(id, 1, 'decision');
    const resume = { executionId: id, gateId: 'w1-decision', action: 'resume', by: 'ana' } as const;
    await expect(bench.control.decide(resume)).rejects.toThrow(
      'cannot resume at gate "w1-decision"; open gates: w1-decision (retry, skip, cancel)',
    );
    await expect(bench.control.decide({ ...resume, gateId: 'nowhere' })).rejects.toMatchObject({
      code: 'GateNotOpen',
    });
  });

  test('with onFailure stop no further wave begins, and the execution fails with the reason', async () => {
    const id = await bench.start(planOf([{ onFailure: 'stop' }], [{}]));
    await gate(id, 1, 'dependencies');
    await gate(id, 2, 'dependencies');
    bench.answers.push(failed('r-1'));
    expect(await runWave(id)).toMatchObject({ verdict: 'stop' });
    expect(bench.completed[1]?.output).toMatchObject({ proceed: false, reason: 'the execution is ending' });
    await abortWave(bench.services, { ...wave(id, 1), failure: null });
    await abortWave(bench.services, { ...wave(id, 2), failure: null });
    expect(await cleanUpExecution(bench.services, { executionId: id })).toEqual({ status: 'failed' });
    expect(await view(id)).toMatchObject({
      status: 'failed',
      error: { code: 'RecoveryFailed', message: 'scripted/run failed: r-1: broken' },
      waves: [{ status: 'failed' }, { status: 'cancelled' }],
    });
  });
});

test('a decision that another wave still waits for is closed when the execution is to end, and the wave ends', async () => {
  const plan = planOf([{}], [{ onFailure: 'stop' }]) as { waves: object[] };
  const waves = plan.waves.map((one) => ({ ...one, dependencies: [] }));
  const id = await bench.start({ waves });
  await gate(id, 1, 'dependencies');
  await gate(id, 2, 'dependencies');
  bench.answers.push(failed('r-1'), failed('r-1'));
  expect(await runWave(id, 1)).toMatchObject({ verdict: 'ask' });
  await gate(id, 1, 'decision');
  expect(openedTokens()).not.toContain('decision-1');

  expect(await runWave(id, 2)).toMatchObject({ verdict: 'stop' });
  expect(bench.completed.at(-1)).toEqual({
    token: 'decision-1',
    output: { proceed: false, action: 'opened', by: 'breakwater', reason: 'the execution is ending' },
  });
  // As the state machine goes on: the decision is applied, and the wave is judged again.
  await applyDecision(bench.services, {
    ...wave(id, 1),
    action: 'opened',
    reason: 'the execution is ending',
  });
  expect(await validateWaveCompletion(bench.services, wave(id, 1))).toMatchObject({ verdict: 'stop' });
  await abortWave(bench.services, { ...wave(id, 1), failure: null });
  await abortWave(bench.services, { ...wave(id, 2), failure: null });
  expect(await cleanUpExecution(bench.services, { executionId: id })).toEqual({ status: 'failed' });
  expect((await view(id)).gates).toMatchObject([{ gateId: 'w1-decision', status: 'closed' }]);
});

describe('before a wave', () => {
  test('if a critical technology cannot start, nothing of the wave does', async () => {
    const id = await bench.start(planOf([{}, {}]));
    bench.findings.push({
      level: 'error',
      rule: 'ResourceUnresolved',
      path: '',
      message: 'no such group',
      remedy: '',
    });
    expect(await validateWave(bench.services, wave(id))).toEqual({ technologies: [] });
    expect(await validateWaveCompletion(bench.services, wave(id))).toMatchObject({ verdict: 'ask' });
    const statuses = (await bench.services.executions.technologies(id, 1)).map(({ status }) => status);
    expect(statuses).toEqual(['failed', 'pending']);
  });

  test('if only an optional one cannot, the others start', async () => {
    const id = await bench.start(planOf([{ criticality: 'optional' }, {}]));
    bench.findings.push({
      level: 'error',
      rule: 'ResourceUnresolved',
      path: '',
      message: 'no such group',
      remedy: '',
    });
    expect(await validateWave(bench.services, wave(id))).toMatchObject({
      technologies: [{ technologyIndex: 1 }],
    });
  });

  test('the same question twice has the same answer', async () => {
    const id = await bench.start(planOf([{}]));
    const first = await validateWave(bench.services, wave(id));
    expect(await validateWave(bench.services, wave(id))).toEqual(first);
  });

  test('a validation that was given up, and locks while clean-up is at work or is over, leaves no lock behind', async () => {
    class LateLocks extends LockRepository {
      beforeTake = async (): Promise<void> => {};
      afterRelease = async (): Promise<void> => {};
      override async take(...args: Parameters<LockRepository['take']>) {
        await this.beforeTake();
        return super.take(...args);
      }
      override async release(owner: string) {
        await super.release(owner);
        const after = this.afterRelease;
        this.afterRelease = async () => {};
        await after();
      }
    }
    const locks = new LateLocks(bench.deps.store);
    const services = { ...bench.services, locks };
    const cleanUp = (executionId: string) => cleanUpExecution(services, { executionId, failure: null });

    const during = await bench.start(planOf([{}]));
    locks.afterRelease = async () => void (await validateWave(services, wave(during)));
    await cleanUp(during);
    const after = await bench.start(planOf([{}]));
    locks.beforeTake = async () => void (await cleanUp(after));
    await validateWave(services, wave(after));

    const other = await bench.start(planOf([{}]));
    expect(await validateWave(bench.services, wave(other))).toMatchObject({ technologies: [{}] });
  });

  test('a resource that another execution holds fails the technology, which names the holder; it is free after clean-up', async () => {
    const plan = planOf([{ resources: { lock: 'drs:s-1' } }]);
    const [one, two] = [await bench.start(plan), await bench.start(plan)];
    await validateWave(bench.services, wave(one));
    expect(await validateWave(bench.services, wave(two))).toEqual({ technologies: [] });
    expect((await bench.services.executions.technology(two, 1, 0)).error).toEqual({
      code: 'ResourceLocked',
      message: `drs:s-1 is held by ${one}`,
    });
    await cleanUpExecution(bench.services, { executionId: one });
    expect(await bench.services.locks.take(two, ['drs:s-1'])).toEqual([]);
  });
});

describe('the end', () => {
  test('a cancel opens every gate to say so, and the execution is cancelled', async () => {
    const id = await bench.start(planOf([{}], [{}]));
    await gate(id, 1, 'dependencies');
    await gate(id, 2, 'dependencies');
    await bench.control.cancel({ executionId: id, by: 'ana', reason: 'false alarm' });
    expect(bench.completed[1]).toMatchObject({
      token: 'dependencies-2',
      output: { proceed: false, action: 'cancel' },
    });
    await abortWave(bench.services, { ...wave(id, 1), failure: null });
    await abortWave(bench.services, { ...wave(id, 2), failure: null });
    expect(await cleanUpExecution(bench.services, { executionId: id })).toEqual({ status: 'cancelled' });
    await expect(bench.control.pause({ executionId: id, by: 'ana' })).rejects.toMatchObject({
      code: 'ExecutionNotRunning',
    });
  });

  test('a state machine that broke fails the execution with what it said', async () => {
    const id = await bench.start(planOf([{}]));
    const failure = { Error: 'States.Timeout' };
    expect(await cleanUpExecution(bench.services, { executionId: id, failure })).toEqual({
      status: 'failed',
    });
    expect((await view(id)).error).toEqual({ code: 'States.Timeout', message: 'States.Timeout' });
  });

  test('clean-up that is repeated says the same and writes nothing more', async () => {
    const id = await bench.start(planOf([{}]));
    await cleanUpExecution(bench.services, { executionId: id, failure: { Error: 'X' } });
    const events = (await bench.control.listEvents({ executionId: id })).length;
    expect(await cleanUpExecution(bench.services, { executionId: id })).toEqual({ status: 'failed' });
    expect(await bench.control.listEvents({ executionId: id })).toHaveLength(events);
  });

  test('a nested execution that ended without a word is a failure', async () => {
    const id = await bench.start(planOf([{}]));
    await gate(id, 1, 'dependencies');
    await validateWave(bench.services, wave(id));
    await bench.services.executions.change(id, async (change) => {
      change.putTechnology({ ...(await change.technology(1, 0)), status: 'in_progress', due: false });
    });
    expect(await validateWaveCompletion(bench.services, wave(id))).toMatchObject({ verdict: 'ask' });
    expect((await bench.services.executions.technology(id, 1, 0)).error?.message).toBe(
      'its state machine ended without an outcome',
    );
  });
});

test('an execution on a simulated AWS says so', async () => {
  expect((await view(await bench.start(planOf([{}])))).simulated).toBe(true);
});

test('resources are called by the name that people give them, from the start', async () => {
  const id = await bench.start(planOf([{}]));
  expect((await view(id)).waves[0]?.technologies[0]?.names).toEqual({ 'r-1': 'ledger-db' });
  await validateWave(bench.services, wave(id));
  expect((await view(id)).waves[0]?.technologies[0]?.names).toEqual({ 'r-1': 'ledger-db' });
  // As a retry does, which looks at what failed only.
  const names = { 'r-2': 'orders-db' };
  await bench.services.executions.putNames(id, { waveNumber: 1, technologyIndex: 0, names });
  expect((await view(id)).waves[0]?.technologies[0]?.names).toEqual({ 'r-1': 'ledger-db', ...names });
});

describe('the list of executions', () => {
  test('is in the order of creation, the latest first, also when time begins anew', async () => {
    const first = await bench.start(planOf([{}]));
    bench.now += 3_600_000;
    const second = await bench.start(planOf([{}]));
    bench.now -= 3_600_000;
    const third = await bench.start(planOf([{}]));
    const { executions } = await bench.control.listExecutions();
    expect(executions.map(({ executionId }) => executionId)).toEqual([third, second, first]);
    const page = await bench.control.listExecutions({ limit: 2 });
    const rest = await bench.control.listExecutions({
      limit: 2,
      ...(page.cursor ? { cursor: page.cursor } : {}),
    });
    expect(rest.executions.map(({ executionId }) => executionId)).toEqual([first]);
  });

  test('has each of many that begin at once', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => bench.start(planOf([{}]))));
    const { executions } = await bench.control.listExecutions();
    expect(new Set(executions.map(({ executionId }) => executionId))).toEqual(new Set(ids));
    expect(executions).toHaveLength(20);
  });
});
