import { beforeEach, describe, expect, test } from 'vitest';
import type { Principal } from '#core/permissions.ts';
import { abortWave } from '#workflow/waves.ts';
import { cleanUpExecution, validateExecution } from '#workflow/execution.ts';
import { receiveGate, sweepGates } from '#workflow/gates.ts';
import { planOf, type Bench } from '#workflow/testing/bench.ts';
import type { Approvals } from './approvals.ts';
import type { AuditEntry } from './audit-log.ts';
import { approvalsBench, type ApprovalsBench } from './testing/approvals-bench.ts';

let own: ApprovalsBench;
let bench: Bench;
let approvals: Approvals;
let audited: AuditEntry[];

beforeEach(() => {
  own = approvalsBench();
  ({ bench, approvals, audited } = own);
});

const waiting = (approval?: object) => own.waiting(approval);
const who = (name: string, ...roles: Principal['roles']): Principal => ({
  id: `oidc:${name}`,
  kind: 'oidc',
  name,
  roles: roles.length === 0 ? ['RecoveryManager'] : roles,
});
const [ben, carl, dora] = [who('ben'), who('carl'), who('dora')];
const ana: Principal = { id: 'ana', kind: 'local', name: 'ana', roles: ['Admin'] };
const view = (executionId: string) => bench.control.getExecution({ executionId });
const gateOf = async (executionId: string) => (await view(executionId)).gates[0]!;
const act = (executionId: string, principal: Principal, more: object = {}) =>
  approvals.decide({
    executionId,
    gateId: 'w0-approval',
    action: 'approve',
    principal,
    requestId: 'q',
    ...more,
  });
const refusal = async (asked: Promise<unknown>): Promise<string> => {
  const error = await asked.then(
    () => null,
    (thrown: unknown) => thrown as { code: string; message: string },
  );
  return error === null ? 'not refused' : `${error.code}: ${error.message}`;
};

describe('an approval gate', () => {
  test('tells the state machine how long to wait, only where the plan asks in this mode', async () => {
    const plan = planOf([{}], [{}]) as { waves: object[] };
    const waves = [plan.waves[0], { ...plan.waves[1], approval: { required: 1, expiresIn: 'PT2H' } }];
    const asked = { ...plan, waves, approval: { required: 1 } };
    const recovery = await bench.start(asked);
    expect(await validateExecution(bench.services, { executionId: recovery })).toEqual({
      waves: [
        { waveNumber: 1, approvalTimeoutSeconds: 0 },
        { waveNumber: 2, approvalTimeoutSeconds: 7_200 },
      ],
      gateTimeoutSeconds: 604_800,
      approvalTimeoutSeconds: 86_400,
    });
    const drill = await bench.start(asked, 'drill');
    expect(await validateExecution(bench.services, { executionId: drill })).toMatchObject({
      waves: [{ approvalTimeoutSeconds: 0 }, { approvalTimeoutSeconds: 0 }],
      approvalTimeoutSeconds: 0,
    });
  });

  test('pauses the execution until enough people have agreed, and shows what they agree to', async () => {
    const id = await waiting();
    const open = await view(id);
    expect([open.status, open.gates[0]!.reason]).toEqual([
      'paused',
      'the plan asks for approval before the first wave',
    ]);
    expect(open.gates[0]).toMatchObject({
      gateId: 'w0-approval',
      waveNumber: 0,
      expiresAt: '2026-01-08T10:00:00.000Z',
      actions: ['approve', 'reject', 'cancel'],
      approval: { required: 2, roles: ['RecoveryManager', 'Admin'], approvals: [], lapsed: [] },
    });
    expect(open.gates[0]!.approval).not.toHaveProperty('resources');
    expect(await act(id, ben, { changeTicket: 'CHG-1', reason: 'looked at it' })).toEqual({
      gateId: 'w0-approval',
      status: 'open',
      approvals: 1,
      required: 2,
    });
    expect(bench.completed).toEqual([]);
    expect(await act(id, carl)).toMatchObject({ status: 'closed', approvals: 2 });
    expect(bench.completed).toEqual([
      {
        token: 'token-0',
        output: { reason: '', proceed: true, action: 'approve', by: 'oidc:carl', requestId: 'q' },
      },
    ]);
    const after = await view(id);
    expect([after.status, after.pauses.length]).toEqual(['in_progress', 1]);
    expect(after.gates[0]!.approval!.approvals).toEqual([
      {
        by: 'oidc:ben',
        name: 'ben',
        roles: ['RecoveryManager'],
        at: '2026-01-07T10:00:00.000Z',
        changeTicket: 'CHG-1',
        reason: 'looked at it',
      },
      { by: 'oidc:carl', name: 'carl', roles: ['RecoveryManager'], at: '2026-01-07T10:00:00.000Z' },
    ]);
    expect(audited.map(({ action, by, requestId }) => [action, by, requestId])).toEqual([
      ['approval.approve', 'oidc:ben', 'q'],
      ['approval.approve', 'oidc:carl', 'q'],
    ]);
  });

  test('ten people at once open it once, and only as many as it asks for are recorded', async () => {
    const id = await waiting({ required: 3 });
    const all = Array.from({ length: 10 }, (_, i) => refusal(act(id, who(`p${i}`))));
    const counted = (await Promise.all(all)).filter((answer) => answer === 'not refused');
    expect([counted.length, bench.completed.length]).toEqual([3, 1]);
    expect((await gateOf(id)).approval!.approvals).toHaveLength(3);
  });

  test('at which people approve, reject and cancel at once is left once, by one of them', async () => {
    const id = await waiting();
    const cancel = bench.control.cancel({ executionId: id, by: 'ana' });
    const answers = await Promise.all([
      ...[ben, carl].map((one) => refusal(act(id, one))),
      refusal(act(id, dora, { action: 'reject', reason: 'no' })),
      ...[who('p1'), who('p2')].map((one) => refusal(act(id, one))),
      refusal(cancel),
    ]);
    const { gates } = await view(id);
    expect([
      gates.map(({ status }) => status),
      new Set(bench.completed.map(({ token }) => token)).size,
    ]).toEqual([['closed'], 1]);
    expect(
      bench.completed.every(
        ({ output }) => JSON.stringify(output) === JSON.stringify(bench.completed[0]!.output),
      ),
    ).toBe(true);
    const late = answers.filter((answer) => answer !== 'not refused');
    expect(late.length).toBeGreaterThan(0);
    expect(late.every((answer) => answer.startsWith('GateNotOpen'))).toBe(true);
  });

  test('whose opening was lost with the process is opened at start, once it is closed', async () => {
    const id = await waiting({ required: 1 });
    await sweepGates(bench.services, id);
    expect(bench.completed).toEqual([]);
    await act(id, ben);
    bench.completed.length = 0;
    await sweepGates(bench.services, id);
    expect(bench.completed.map(({ token }) => token)).toEqual(['token-0']);
  });
});

describe('separation of duties', () => {
  test('the starter does not count, nobody counts twice, and a role that is not named does not count', async () => {
    const id = await waiting();
    expect(await refusal(act(id, ana))).toBe(
      'ApprovalRefused: ana has started the execution, and who starts does not count',
    );
    await act(id, ben);
    expect(await refusal(act(id, ben))).toBe(
      'ApprovalRefused: ben has approved already, and nobody counts twice',
    );
    expect(await refusal(act(id, who('eve', 'Operator')))).toBe(
      'ApprovalRefused: eve has none of the roles that count here: RecoveryManager, Admin',
    );
    expect((await gateOf(id)).approval!.approvals.map(({ by }) => by)).toEqual(['oidc:ben']);
    expect(audited.map(({ action }) => action)).toEqual([
      'approval.refused',
      'approval.approve',
      'approval.refused',
      'approval.refused',
    ]);
  });

  test('a change ticket that the plan demands must be there', async () => {
    const id = await waiting({ required: 1, changeTicket: 'required' });
    expect(await refusal(act(id, ben, { changeTicket: ' ' }))).toBe(
      'ApprovalRefused: the plan demands a change ticket with each approval',
    );
    expect(await act(id, ben, { changeTicket: 'CHG-7' })).toMatchObject({ status: 'closed' });
  });

  test('control approves for nobody without roles, and says where to go; with a principal it counts as elsewhere', async () => {
    const id = await waiting({ required: 1 });
    const decide = (more: object) =>
      bench.control.decide({ executionId: id, gateId: 'w0-approval', action: 'approve', by: 'ben', ...more });
    expect(await refusal(decide({}))).toContain('ApprovalRefused: approve counts by who gives it');
    expect(await refusal(decide({ principal: ana }))).toContain('who starts does not count');
    await decide({ principal: ben });
    expect((await gateOf(id)).status).toBe('closed');
  });

  test('only those who may still count are told that someone waits for them', async () => {
    const id = await waiting();
    await act(id, ben);
    const ids = async (principal: Principal) =>
      (await approvals.waitingFor(principal)).map(({ executionId, gate }) => [executionId, gate.gateId]);
    expect(await ids(carl)).toEqual([[id, 'w0-approval']]);
    expect(await ids(ben)).toEqual([]);
    expect(await ids(ana)).toEqual([]);
    expect(await ids(who('eve', 'Operator'))).toEqual([]);
    await act(id, carl);
    expect(await ids(dora)).toEqual([]);
  });
});

describe('what is approved', () => {
  test('resources that differ at the moment the gate would open make all earlier approvals lapse', async () => {
    const id = await waiting();
    await act(id, ben);
    bench.resources.splice(0, 1, 'r-2', 'r-3');
    expect(await refusal(act(id, carl))).toBe(
      'ApprovalRefused: what is to be approved has changed, look at it and approve again: wave 1, scripted/run: added r-2, r-3, removed r-1',
    );
    const gate = await gateOf(id);
    expect([gate.status, gate.approval!.approvals, gate.approval!.lapsed.map(({ by }) => by)]).toEqual([
      'open',
      [],
      ['oidc:ben'],
    ]);
    expect(gate.approval!.difference).toEqual({
      planChanged: false,
      resources: [{ waveNumber: 1, technology: 'scripted/run', added: ['r-2', 'r-3'], removed: ['r-1'] }],
    });
    expect(bench.completed).toEqual([]);
    await act(id, ben);
    expect(await act(id, carl)).toMatchObject({ status: 'closed' });
  });

  test('another plan hash makes them lapse as well', async () => {
    const id = await waiting();
    await act(id, ben);
    await bench.services.executions.change(id, (change) =>
      change.putHead({ ...change.head(), planHash: 'other' }),
    );
    expect(await refusal(act(id, carl))).toContain('the plan has changed');
    expect((await gateOf(id)).approval).toMatchObject({ planHash: 'other', approvals: [] });
  });

  test('a wave shows at its gate how its resources differ from those at the start', async () => {
    const plan = planOf([{}]) as { waves: object[] };
    const id = await bench.start({ waves: [{ ...plan.waves[0], approval: { required: 1 } }] });
    await validateExecution(bench.services, { executionId: id });
    bench.resources.push('r-2');
    await receiveGate(bench.services, { executionId: id, waveNumber: 1, kind: 'approval', taskToken: 't' });
    const gate = await gateOf(id);
    expect([gate.gateId, gate.reason]).toEqual([
      'w1-approval',
      'the plan asks for approval before wave 1 (Wave 1)',
    ]);
    expect(gate.approval!.difference!.resources).toEqual([
      { waveNumber: 1, technology: 'scripted/run', added: ['r-2'], removed: [] },
    ]);
    expect(await act(id, ben, { gateId: 'w1-approval' })).toMatchObject({ status: 'closed' });
  });

  test('a wave whose resources cannot be resolved shows those of the start, and opens only when they can be', async () => {
    const plan = planOf([{ resources: { trouble: 'AwsUnreachable' } }]) as { waves: object[] };
    const id = await bench.start({ waves: [{ ...plan.waves[0], approval: { required: 1 } }] });
    await validateExecution(bench.services, { executionId: id });
    await receiveGate(bench.services, { executionId: id, waveNumber: 1, kind: 'approval', taskToken: 't' });
    expect(await refusal(act(id, ben, { gateId: 'w1-approval' }))).toBe('AwsUnreachable: trouble');
    expect((await gateOf(id)).status).toBe('open');
  });
});

describe('an approval that is not given', () => {
  test('a rejection needs a reason, and fails the execution with it', async () => {
    const id = await waiting();
    expect(await refusal(act(id, ben, { action: 'reject' }))).toContain('UsageInvalid');
    expect(await refusal(act(id, who('eve', 'Operator'), { action: 'reject', reason: 'no' }))).toContain(
      'ApprovalRefused',
    );
    await act(id, ben, { action: 'reject', reason: 'change freeze' });
    expect(bench.completed[0]!.output).toMatchObject({ proceed: false, action: 'reject' });
    await cleanUpExecution(bench.services, { executionId: id, failure: null });
    const { status, error, waves } = await view(id);
    expect([status, error, waves[0]!.status, waves[0]!.technologies[0]!.status]).toEqual([
      'failed',
      { code: 'ApprovalRejected', message: 'Rejected by ben: change freeze' },
      'cancelled',
      'cancelled',
    ]);
    expect(await refusal(act(id, carl))).toBe(`ExecutionNotRunning: execution ${id} is failed`);
  });

  test('a gate that expires fails the execution, and says how far it came', async () => {
    const id = await waiting();
    await act(id, ben);
    bench.now += 86_400_000;
    expect(await refusal(act(id, carl))).toContain('has expired');
    await cleanUpExecution(bench.services, {
      executionId: id,
      failure: { Error: 'States.Timeout', Cause: '' },
    });
    const { status, error, gates } = await view(id);
    expect([status, error, gates[0]!.resolution!.action]).toEqual([
      'failed',
      {
        code: 'ApprovalExpired',
        message:
          'approval expired: 1 of 2 given between 2026-01-07T10:00:00.000Z and 2026-01-08T10:00:00.000Z',
      },
      'expired',
    ]);
  });

  test('a gate of a wave that expires fails its wave and the execution, and nothing else begins', async () => {
    const plan = planOf([{}], [{}]) as { waves: object[] };
    const free = { ...plan.waves[1], dependencies: [], approval: { required: 1 } };
    const id = await bench.start({ waves: [{ ...plan.waves[0], approval: { required: 1 } }, free] });
    await validateExecution(bench.services, { executionId: id });
    for (const waveNumber of [1, 2])
      await receiveGate(bench.services, {
        executionId: id,
        waveNumber,
        kind: 'approval',
        taskToken: `t${waveNumber}`,
      });
    await abortWave(bench.services, {
      executionId: id,
      waveNumber: 1,
      failure: { Error: 'States.Timeout', Cause: '' },
    });
    expect(bench.completed).toMatchObject([{ token: 't2', output: { proceed: false } }]);
    await abortWave(bench.services, { executionId: id, waveNumber: 2, failure: null });
    await cleanUpExecution(bench.services, { executionId: id, failure: null });
    const { status, error, waves } = await view(id);
    expect([status, error!.code, waves.map((wave) => wave.status)]).toEqual([
      'failed',
      'ApprovalExpired',
      ['failed', 'cancelled'],
    ]);
  });

  test('cancelling at the gate cancels the execution', async () => {
    const id = await waiting();
    await bench.control.decide({ executionId: id, gateId: 'w0-approval', action: 'cancel', by: 'ana' });
    expect(bench.completed[0]!.output).toMatchObject({ proceed: false, action: 'cancel' });
    await cleanUpExecution(bench.services, { executionId: id, failure: null });
    expect([(await view(id)).status, (await view(id)).waves[0]!.status]).toEqual(['cancelled', 'cancelled']);
  });

  test('a state machine that breaks at the gate closes it', async () => {
    const id = await waiting();
    await cleanUpExecution(bench.services, { executionId: id, failure: { Error: 'Bug', Cause: 'broken' } });
    const { status, error, gates } = await view(id);
    expect([status, error, gates[0]!.status]).toEqual([
      'failed',
      { code: 'Bug', message: 'broken' },
      'closed',
    ]);
  });
});

describe('a one-time link', () => {
  const admin = who('admin', 'Admin');
  const make = (id: string, more: object = {}) =>
    approvals.createLink({
      executionId: id,
      gateId: 'w0-approval',
      maker: admin,
      forPrincipal: ben,
      expiresIn: 'PT1H',
      ...more,
    });

  test('approves as who it is for, without login, once', async () => {
    const id = await waiting();
    const { token, expiresAt } = await make(id);
    expect(expiresAt).toBe('2026-01-07T11:00:00.000Z');
    expect(await approvals.useLink(token, { action: 'approve', changeTicket: 'CHG-1' })).toEqual({
      executionId: id,
      gateId: 'w0-approval',
      status: 'open',
      approvals: 1,
      required: 2,
    });
    expect((await gateOf(id)).approval!.approvals[0]).toMatchObject({
      by: 'oidc:ben',
      changeTicket: 'CHG-1',
      linkMadeBy: 'oidc:admin',
    });
    expect(await refusal(approvals.useLink(token, { action: 'reject', reason: 'no' }))).toBe(
      'ApprovalRefused: the link has been used already',
    );
    expect(await refusal(act(id, ben))).toContain('nobody counts twice');
    expect(JSON.stringify(audited)).not.toContain(token.slice(4, 40));
  });

  test('used twice at once counts once', async () => {
    const id = await waiting();
    const { token } = await make(id);
    const answers = await Promise.all(
      [1, 2, 3].map(() => refusal(approvals.useLink(token, { action: 'approve' }))),
    );
    expect(answers.filter((answer) => answer === 'not refused')).toHaveLength(1);
  });

  test('that was refused has had no effect and can be used again', async () => {
    const id = await waiting({ required: 1, changeTicket: 'required' });
    const { token } = await make(id);
    expect(await refusal(approvals.useLink(token, { action: 'approve' }))).toContain('change ticket');
    expect(await approvals.useLink(token, { action: 'approve', changeTicket: 'C' })).toMatchObject({
      status: 'closed',
    });
  });

  test('is refused when it has expired, when what it is for has changed, and when it is not ours', async () => {
    const id = await waiting({ required: 1 });
    const { token } = await make(id);
    const [text, signature] = token.slice(4).split('.') as [string, string];
    const forged = JSON.parse(Buffer.from(text, 'base64url').toString()) as { principal: object };
    const other = Buffer.from(JSON.stringify({ ...forged, principal: dora })).toString('base64url');
    for (const wrong of [
      '',
      'bwl_',
      token.slice(4),
      `bwl_${other}.${signature}`,
      `${token}.x`,
      token.slice(0, -1),
    ])
      expect(await refusal(approvals.useLink(wrong, { action: 'approve' }))).toBe(
        'Unauthenticated: this is no link that this server has made',
      );
    bench.resources.push('r-2');
    expect(await refusal(act(id, carl))).toContain('has changed');
    expect(await refusal(approvals.useLink(token, { action: 'approve' }))).toBe(
      'ApprovalRefused: what ben was asked to approve has changed since the link was made',
    );
    own.realNow += 3_600_000;
    expect(await refusal(approvals.useLink(token, { action: 'approve' }))).toBe(
      'ApprovalRefused: the link expired at 2026-01-07T11:00:00.000Z',
    );
  });

  test('is made for others only by who could make them a token, never by the starter, and only for who counts', async () => {
    const id = await waiting();
    expect(await refusal(make(id, { maker: carl }))).toBe(
      'Forbidden: carl has not the permission token:write, which a link for others needs',
    );
    expect(await refusal(make(id, { maker: { ...ben, roles: ['Operator'] }, forPrincipal: ben }))).toContain(
      'Forbidden',
    );
    expect(await refusal(make(id, { maker: ben }))).toBe('not refused');
    expect(await refusal(make(id, { maker: ana }))).toBe(
      'ApprovalRefused: ana, whose link it is, has started the execution, and who starts does not count',
    );
    expect(await refusal(make(id, { forPrincipal: { ...ana } }))).toContain('who starts does not count');
    expect(await refusal(make(id, { forPrincipal: who('eve', 'ReadOnly') }))).toContain('none of the roles');
    expect(await refusal(make(id, { gateId: 'w1-pause' }))).toContain('GateNotOpen');
    expect(await refusal(make(id, { expiresIn: 'P8D' }))).toContain('at most P7D');
    expect(await refusal(make(id, { expiresIn: 'PT0S' }))).toContain('more than PT0S');
  });

  test('two that are made at once on an empty store are signed with one key', async () => {
    const id = await waiting();
    const other = { maker: who('other', 'Admin'), forPrincipal: carl };
    const [one, two] = await Promise.all([make(id), make(id, other)]);
    await approvals.useLink(one.token, { action: 'approve' });
    expect(await approvals.useLink(two.token, { action: 'approve' })).toMatchObject({ status: 'closed' });
  });
});
