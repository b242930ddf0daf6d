import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { BreakwaterClient, type PlanInput } from '../clients/typescript/breakwater.ts';
import { followEvents } from '../clients/typescript/follow-events.ts';
import { breakwater, temporaryFolder } from './support/breakwater.ts';
import { estateWithServer, serversPlan, write } from './support/estates.ts';
import { refusal, untilEnded, untilGate } from './support/follow.ts';
import { adminTokenOf, examplePlan, startServer } from './support/server.ts';

/** The whole service through the generated client, against real server processes. */
const PATIENCE = { timeout: 120_000 };
const planId = 'core-banking';
const dataFolder = (): string => path.join(temporaryFolder(), 'data');

test(
  'a team makes a plan and checks it, each with no more rights than the role gives',
  PATIENCE,
  async () => {
    const { client: admin, as } = await startServer(dataFolder());
    const planner = await as('PlanManager');
    const reader = await as('ReadOnly', 'auditor');
    expect((await reader.getMe()).data).toMatchObject({ name: 'auditor', roles: ['ReadOnly'] });

    await planner.createProtectionGroup({
      body: { groupId: 'pg-app', region: 'us-west-2', tags: { 'DR-Tier': 'application' } },
    });
    const resolved = await reader.resolveProtectionGroup({ body: { groupId: 'pg-app' } });
    expect([resolved.data.matched, resolved.data.warnings]).toEqual([4, []]);

    expect(await refusal(reader.createPlan({ body: examplePlan() }))).toEqual([403, 'Forbidden']);
    const kept = await planner.createPlan({ body: examplePlan() });
    expect([kept.status, kept.etag, kept.data.plan.waves.length]).toEqual([201, '"1"', 3]);
    const shorter: PlanInput = { ...kept.data.plan, objectives: { rto: 'PT20M' } };
    const changed = await planner.updatePlan({ planId, ifMatch: kept.etag, body: shorter });
    expect(await refusal(planner.updatePlan({ planId, ifMatch: kept.etag, body: shorter }))).toEqual([
      412,
      'PreconditionFailed',
    ]);
    expect((await reader.diffPlan({ planId, from: 1, to: 2 })).data.differences).toEqual([
      { path: 'objectives.rto', before: 'PT30M', after: 'PT20M' },
      { path: 'objectives.rpo', before: 'PT15M' },
    ]);
    const versions = (await reader.listPlanVersions({ planId })).data.versions;
    expect(versions.map(({ version }) => version)).toEqual([2, 1]);

    expect((await reader.validatePlan({ planId, body: { mode: 'drill' } })).data.findings).toEqual([]);
    const paper = (await reader.dryRunPlan({ planId, body: { mode: 'drill' } })).data;
    expect([paper.ready, paper.iamActions.includes('drs:StartRecovery')]).toEqual([true, true]);
    expect((await reader.listExecutions()).data.executions).toEqual([]);

    expect(await refusal(planner.startExecution({ body: { planId, mode: 'drill' } }))).toEqual([
      403,
      'Forbidden',
    ]);
    await planner.deletePlan({ planId, ifMatch: changed.etag });
    expect(await refusal(reader.getPlan({ planId }))).toEqual([404, 'NotFound']);
    const { tokens } = (await admin.listTokens()).data;
    const { tokenId } = tokens.find(({ name }) => name === 'auditor')!;
    await admin.revokeToken({ tokenId });
    expect(await refusal(reader.getMe())).toEqual([401, 'Unauthenticated']);
  },
);

test(
  'a drill is started once, followed through a broken stream, stopped at its gate and gone on with',
  PATIENCE,
  async () => {
    const { client: admin, as } = await startServer(dataFolder());
    await admin.createPlan({ body: examplePlan() });
    const operator = await as('Operator');
    const order = { body: { planId, mode: 'drill', reason: 'monthly' }, idempotencyKey: 'november' } as const;
    const { executionId } = (await operator.startExecution(order)).data;
    expect((await operator.startExecution(order)).data).toEqual({ executionId, joined: true });
    const other = { ...order, body: { ...order.body, reason: 'another' } };
    expect(await refusal(operator.startExecution(other))).toEqual([409, 'IdempotencyKeyReused']);
    expect(await refusal(operator.startExecution({ body: { planId, mode: 'recovery' } }))).toEqual([
      403,
      'Forbidden',
    ]);

    const live: number[] = [];
    for await (const { sequence, code, data } of followEvents(operator, { executionId })) {
      live.push(sequence);
      if (code === 'GateOpened' && data['kind'] === 'pause') break;
    }
    const paused = (await operator.getExecution({ executionId })).data;
    expect(paused.waves.map(({ status }) => status)).toEqual(['completed', 'paused', 'pending']);
    await operator.actAtGate({
      executionId,
      gateId: 'w2-pause',
      body: { action: 'resume', reason: 'looks well' },
    });
    expect(
      await refusal(operator.actAtGate({ executionId, gateId: 'w2-pause', body: { action: 'resume' } })),
    ).toEqual([409, 'GateNotOpen']);
    for await (const { sequence } of followEvents(operator, { executionId, after: live.at(-1)! }))
      live.push(sequence);

    const pages: number[] = [];
    for (let after = 0; ; after = pages.at(-1)!) {
      const { events } = (await operator.listEvents({ executionId, after, limit: 7 })).data;
      if (events.length === 0) break;
      pages.push(...events.map(({ sequence }) => sequence));
    }
    expect(pages).toEqual(pages.map((_, index) => index + 1));
    expect(live).toEqual(pages);
  },
);

test(
  'what became of a drill is told to people and programs, proven offline, and cleaned up after',
  PATIENCE,
  async () => {
    const folder = temporaryFolder();
    const { client: admin, as, url, token } = await startServer(path.join(folder, 'data'));
    await admin.createPlan({ body: examplePlan() });
    const { data: started } = await admin.startExecution({
      body: { planId, mode: 'drill', autoResume: true },
    });
    const { executionId } = started;
    expect(await untilEnded(admin, executionId)).toMatchObject({ status: 'completed', outcome: 'clean' });

    const reader = await as('ReadOnly');
    const { resources } = (await reader.listResources({ executionId })).data;
    const servers = resources.filter(({ technology }) => technology === 'drs');
    expect(servers.map(({ name, status }) => `${name} ${status}`).toSorted()).toEqual([
      'app-01 completed',
      'app-02 completed',
      'app-03 completed',
      'app-04 completed',
    ]);
    const { data: exported } = await reader.exportExecution({ executionId });
    expect(exported.rto.objective).toBe('PT30M');
    expect((await reader.getReport({ executionId })).data).toMatch(/^<!doctype html>/i);
    const junit = (await reader.getJunit({ executionId })).data;
    expect(junit).toContain('<testsuites name="drill of Core banking" tests="8" failures="0"');
    const environment = { BREAKWATER_URL: url, BREAKWATER_TOKEN: token };
    const told = await breakwater(['executions', 'export', executionId, '--format', 'junit'], {
      environment,
    });
    expect([told.code, told.stdout.trim()]).toEqual([0, junit.trim()]);

    expect(await refusal(reader.getEvidence({ executionId }))).toEqual([403, 'Forbidden']);
    const evidence = JSON.stringify((await admin.getEvidence({ executionId })).data);
    const verify = async (text: string) =>
      breakwater(['audit', 'verify', '--bundle', write(folder, 'evidence.json', text)]);
    expect(await verify(evidence)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('is whole') as unknown,
    });
    const forged = await verify(evidence.replace('drs:StartRecovery', 'drs:StopReplication'));
    expect([forged.code, forged.output]).toEqual([1, expect.stringContaining('is broken at record')]);
    const { data: verdict } = await admin.verifyAudit();
    expect(verdict.ok).toBe(true);
    const calls = (await admin.listAudit({ executionId, action: 'aws.call' })).data.records;
    expect(calls.map(({ record }) => record.target)).toContain('drs:StartRecovery');

    const operator = await as('Operator');
    expect(await refusal(operator.terminateInstances({ executionId }))).toEqual([403, 'Forbidden']);
    const { data: cleaning } = await admin.terminateInstances({
      executionId,
      body: { reason: 'drill is over' },
    });
    expect(cleaning.instanceIds).toHaveLength(4);
    expect((await untilEnded(admin, cleaning.executionId)).status).toBe('completed');
    const { data: again } = await admin.terminateInstances({ executionId });
    expect((await untilEnded(admin, again.executionId)).status).toBe('completed');
  },
);

test(
  'a recovery waits for two people who have not started it, one of them by a one-time link',
  PATIENCE,
  async () => {
    const dataDir = dataFolder();
    // Tokens that one Admin has issued are one person in approvals: each of three people has an Admin token of the machine.
    const [starting, approving] = [
      await adminTokenOf(dataDir),
      await adminTokenOf(dataDir, ['--new-admin-token']),
    ];
    const { client: admin, as, url } = await startServer(dataDir, { args: ['--new-admin-token'] });
    const approval = 'approval: { required: 2, changeTicket: required }';
    await admin.createPlan({
      body: examplePlan().replace('region: us-west-2', `region: us-west-2\n${approval}`),
    });
    const [starter, twin, approver, operator] = [
      await as('RecoveryManager', 'starter', starting),
      await as('RecoveryManager', 'twin', starting),
      await as('RecoveryManager', 'maria', approving),
      await as('Operator'),
    ];
    const { data } = await starter.startExecution({ body: { planId, mode: 'recovery', autoResume: true } });
    const { executionId } = data;
    const { gateId, approval: asked } = await untilGate(starter, executionId, 'approval');
    expect([asked?.required, asked?.changeTicket]).toEqual([2, 'required']);
    const approve = { executionId, gateId, body: { action: 'approve', changeTicket: 'CHG-1' } } as const;

    for (const same of [starter, twin]) {
      expect((await same.listApprovals()).data.approvals).toEqual([]);
      expect(await refusal(same.actAtGate(approve))).toEqual([409, 'ApprovalRefused']);
    }
    expect(await refusal(operator.actAtGate(approve))).toEqual([403, 'Forbidden']);
    expect(await refusal(approver.actAtGate({ ...approve, body: { action: 'approve' } }))).toEqual([
      409,
      'ApprovalRefused',
    ]);
    const [waiting] = (await approver.listApprovals()).data.approvals;
    expect(waiting).toMatchObject({
      executionId,
      gate: { gateId, approval: { required: 2, approvals: [] } },
    });
    await approver.actAtGate(approve);
    expect(await refusal(approver.actAtGate(approve))).toEqual([409, 'ApprovalRefused']);
    expect((await admin.getExecution({ executionId })).data.currentWave).toBe(0);

    const { data: link } = await admin.createApprovalLink({
      body: {
        executionId,
        gateId,
        forPrincipal: { id: 'oidc:bank#joe', name: 'joe', roles: ['RecoveryManager'] },
      },
    });
    const anyone = new BreakwaterClient({ url });
    const use = { body: { token: link.token, action: 'approve', changeTicket: 'CHG-2' } } as const;
    expect((await anyone.useApprovalLink(use)).data).toMatchObject({ status: 'closed', approvals: 2 });
    expect(await refusal(anyone.useApprovalLink(use))).toEqual([409, 'ApprovalRefused']);
    expect(await untilEnded(admin, executionId)).toMatchObject({ status: 'completed', mode: 'recovery' });
  },
);

test(
  'a server that does not launch asks for a decision: tried again in vain, then passed over for a reason',
  PATIENCE,
  async () => {
    const folder = temporaryFolder();
    const scenario = estateWithServer(folder, 'launch: fail-launch');
    const { client, as } = await startServer(path.join(folder, 'data'), {
      args: ['--scenario', scenario, '--speed', '600'],
    });
    await client.createPlan({ body: readFileSync(serversPlan(folder), 'utf8') });
    const operator = await as('Operator');
    const { data } = await operator.startExecution({ body: { planId: 'servers', mode: 'drill' } });
    const at = { executionId: data.executionId, gateId: 'w1-decision' };
    const gate = await untilGate(operator, data.executionId, 'decision');
    expect([gate.gateId, gate.actions]).toEqual(['w1-decision', ['retry', 'skip', 'cancel']]);

    await operator.actAtGate({ ...at, body: { action: 'retry' } });
    at.gateId = (await untilGate(operator, data.executionId, 'decision')).gateId;
    expect(await refusal(operator.actAtGate({ ...at, body: { action: 'skip' } }))).toEqual([
      400,
      'UsageInvalid',
    ]);
    await operator.actAtGate({ ...at, body: { action: 'skip', reason: 'app-01 can wait' } });
    const ended = await untilEnded(operator, data.executionId);
    expect([ended.status, ended.outcome]).toEqual(['completed', 'with_exceptions']);
    expect(ended.waves[0]!.technologies[0]!.attempt).toBe(2);
  },
);
