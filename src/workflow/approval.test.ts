import { afterEach, expect, test } from 'vitest';
import { virtualClock } from '#clocks/virtual.ts';
import { createControl } from '#control/create-control.ts';
import type { Control } from '#control/control.ts';
import type { Principal } from '#core/permissions.ts';
import { Plan } from '#core/plan.ts';
import { openEmbeddedEngine } from '#engine/embedded/engine.ts';
import type { Engine } from '#engine/port.ts';
import { receiveGate } from './gates.ts';
import { HANDLERS, LOCAL_NAMES } from './handlers.ts';
import recovery from './recovery.asl.json' with { type: 'json' };
import type { Services } from './services.ts';
import technology from './technology.asl.json' with { type: 'json' };
import { planOf, STARTS_AT, workbench } from './testing/bench.ts';

/** The state machine's way through approval gates, on the embedded engine. */

const engines: Engine[] = [];
afterEach(async () => {
  for (const engine of engines.splice(0)) await (engine as Engine & { close(): Promise<void> }).close();
});

const ben: Principal = { id: 'ben', kind: 'local', name: 'ben', roles: ['RecoveryManager'] };
const carl: Principal = { id: 'carl', kind: 'local', name: 'carl', roles: ['Admin'] };

/** Starts a recovery; `act` is called at each approval gate that opens. */
async function run(
  plan: object,
  act: (control: Control, executionId: string, gateId: string) => Promise<void>,
) {
  const bench = workbench();
  const clock = virtualClock({ startsAt: STARTS_AT });
  Object.defineProperty(bench, 'now', { get: () => clock.now() });
  const late: { engine?: Engine; control?: Control } = {};
  const services: Services = {
    ...bench.services,
    now: () => clock.now(),
    completeTask: async (taskToken, output) => {
      await late.engine!.completeTask({ taskToken, output });
      return true;
    },
  };
  let ids = 0;
  const engine = await openEmbeddedEngine({
    path: ':memory:',
    durability: 'process',
    clock,
    newId: () => `id-${++ids}`,
    machines: { recovery, technology },
    substitutions: LOCAL_NAMES,
    functions: Object.fromEntries(
      Object.entries(HANDLERS).map(([name, handler]) => [name, (input) => handler(services, input)]),
    ),
    queues: {
      'pause-resume': async (message) => {
        await receiveGate(services, message);
        const { executionId, kind, waveNumber } = message as {
          executionId: string;
          kind: string;
          waveNumber: number;
        };
        if (kind === 'approval') await act(late.control!, executionId, `w${waveNumber}-approval`);
      },
    },
    onFailure: () => {},
  });
  engines.push(engine);
  late.engine = engine;
  const control = createControl({ ...bench.deps, engine, services });
  late.control = control;
  const { executionId } = await control.startExecution({
    plan: Plan.parse(plan),
    mode: 'recovery',
    initiatedBy: 'ana',
  });
  while ((await control.getExecution({ executionId })).completedAt === undefined)
    await new Promise((resolve) => setImmediate(resolve));
  return { view: await control.getExecution({ executionId }), asked: bench.asked };
}

const approveBy =
  (...principals: Principal[]) =>
  async (control: Control, executionId: string, gateId: string) => {
    for (const principal of principals)
      await control.decide({ executionId, gateId, action: 'approve', by: principal.id, principal });
  };

function asking(plan: { waves: object[] }, waveApproval: object): { waves: object[] } {
  return { waves: plan.waves.map((wave, i) => (i === 0 ? wave : { ...wave, approval: waveApproval })) };
}

test('a plan and a wave that ask for approval run when they have it, and only then', async () => {
  const plan = {
    ...asking(planOf([{}], [{}]) as { waves: object[] }, { required: 1 }),
    approval: { required: 2 },
  };
  const { view } = await run(plan, async (control, executionId, gateId) => {
    const { status, waves } = await control.getExecution({ executionId });
    expect([status, waves.map((wave) => wave.status)]).toEqual([
      'paused',
      gateId === 'w0-approval' ? ['pending', 'pending'] : ['completed', 'pending'],
    ]);
    await approveBy(...(gateId === 'w0-approval' ? [ben, carl] : [carl]))(control, executionId, gateId);
  });
  expect([view.status, view.outcome]).toEqual(['completed', 'clean']);
  expect(view.gates.map(({ gateId, resolution }) => [gateId, resolution!.action, resolution!.by])).toEqual([
    ['w0-approval', 'approve', 'carl'],
    ['w2-approval', 'approve', 'carl'],
  ]);
});

test('a pause that is asked for while a wave waits for approval holds the wave after it', async () => {
  const plan = asking(planOf([{}], [{}]) as { waves: object[] }, { required: 1 });
  let heldAs = '';
  await run(plan, async (control, executionId, gateId) => {
    await control.pause({ executionId, by: 'ana' });
    await approveBy(ben)(control, executionId, gateId);
    const look = async (turns: number): Promise<void> => {
      if (turns > 0) return void setImmediate(() => void look(turns - 1));
      const { status, waves } = await control.getExecution({ executionId });
      heldAs = `${status}, wave 2 ${waves[1]!.status}`;
      await control.resume({ executionId, by: 'ana' });
    };
    await look(20);
  });
  expect(heldAs).toBe('paused, wave 2 pending');
});

test('an approval that nobody gives fails the execution when it expires', async () => {
  const { view, asked } = await run(
    { ...planOf([{}]), approval: { required: 1, expiresIn: 'PT2H' } },
    async () => {},
  );
  expect([view.status, view.error!.code, view.waves[0]!.status, view.completedAt]).toEqual([
    'failed',
    'ApprovalExpired',
    'cancelled',
    '2026-01-07T12:00:00.000Z',
  ]);
  expect(view.error!.message).toContain('approval expired: 0 of 1 given');
  expect(asked).not.toContain('start a1');
});

test('one of a wave does so too, and the waves behind it do not begin', async () => {
  const plan = asking(planOf([{}], [{}], [{}]) as { waves: object[] }, { required: 1 });
  const { view } = await run(plan, async () => {});
  expect([view.status, view.error!.code, view.waves.map(({ status }) => status)]).toEqual([
    'failed',
    'ApprovalExpired',
    ['completed', 'failed', 'cancelled'],
  ]);
});

test('a rejection fails the execution with its reason', async () => {
  const { view } = await run({ ...planOf([{}]), approval: { required: 1 } }, (control, executionId, gateId) =>
    control.decide({
      executionId,
      gateId,
      action: 'reject',
      by: 'ben',
      principal: ben,
      reason: 'change freeze',
    }),
  );
  expect([view.status, view.error]).toEqual([
    'failed',
    { code: 'ApprovalRejected', message: 'Rejected by ben: change freeze' },
  ]);
});

test('a cancel at the gate cancels the execution', async () => {
  const { view } = await run({ ...planOf([{}]), approval: { required: 1 } }, (control, executionId, gateId) =>
    control.decide({ executionId, gateId, action: 'cancel', by: 'ana' }),
  );
  expect(view.status).toBe('cancelled');
});
