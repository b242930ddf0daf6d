import { formatDuration } from '#core/duration.ts';
import { BreakwaterError } from '#core/errors.ts';
import { exportOf } from '#core/export.ts';
import { checkHistory } from '#core/history-size.ts';
import type { Finding } from '#core/outcome.ts';
import type { Plan } from '#core/plan.ts';
import { requestPause } from '#core/progress.ts';
import type { GateRecord, GateResolution } from '#core/records.ts';
import { hasEnded } from '#core/states.ts';
import { GATE_ACTIONS, type ExecutionMode, type GateAction } from '#core/view.ts';
import type { Change } from '#store/execution-change.ts';
import { assessPlan } from '#workflow/assess-plan.ts';
import { closeGate, openGates, passOn } from '#workflow/gates.ts';
import { approveAtGate } from './approve-at-gate.ts';
import type { Act, Control, PlanAssessment } from './control.ts';
import { requestOf } from './audit-log.ts';
import type { ControlDeps } from './deps.ts';
import { discover } from './discover.ts';
import { expectedDurations, findByKey, findUnfinished, refuseErrors, start } from './start.ts';
import { summarize, viewExecution } from './view.ts';

/** Breakwater's functions, in process. */
export function createControl(deps: ControlDeps): Control {
  const { services } = deps;
  const { executions } = services;
  return {
    validatePlan: ({ plan, mode }) => validate(deps, plan, mode),
    async startExecution(params) {
      const known =
        (await findByKey(deps, params)) ??
        (params.joinUnfinished ? await findUnfinished(deps, params) : null);
      if (known !== null) return { executionId: known, joined: true };
      const { findings, technologies } = await assess(deps, params.plan, params.mode);
      refuseErrors(findings);
      return { ...(await start(deps, params, technologies)), joined: false };
    },
    async listExecutions(params = {}) {
      const { heads, cursor } = await executions.list(params);
      return { executions: heads.map(summarize), ...(cursor === undefined ? {} : { cursor }) };
    },
    getExecution: ({ executionId }) => viewExecution(executions, executionId),
    listEvents: ({ executionId, ...page }) => executions.events(executionId, page),
    pause: (act) => pause(deps, act),
    resume: (act) => resume(deps, act),
    decide: (act) => decide(deps, act),
    cancel: (act) => cancel(deps, act),
    exportExecution: async ({ executionId }) => exportOf(await viewExecution(executions, executionId)),
    discover: (query) => discover(services.awsFor('discovery'), query),
  };
}

/** Against the estate, and against what the engine can take. */
async function assess(
  { services, engine }: ControlDeps,
  plan: Plan,
  mode: ExecutionMode,
): ReturnType<typeof assessPlan> {
  const { findings, technologies } = await assessPlan(services, plan, mode);
  return { findings: [...findings, ...checkHistory(plan, engine.mostEvents)], technologies };
}

async function validate(deps: ControlDeps, plan: Plan, mode: ExecutionMode): Promise<PlanAssessment> {
  const { findings, technologies } = await assess(deps, plan, mode);
  const sound = !findings.some(({ rule }) => rule.startsWith('Wave'));
  const expected = sound ? expectedDurations(plan, technologies) : { totalMs: 0, ofWave: () => 0 };
  return {
    findings: findings.toSorted((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level)),
    expectedDuration: formatDuration(expected.totalMs),
    waves: plan.waves.map(({ waveNumber }) => ({
      waveNumber,
      expectedDuration: formatDuration(expected.ofWave(waveNumber)),
      technologies: technologies
        .filter((technology) => technology.waveNumber === waveNumber)
        .map(({ definition, assessment }) => ({
          type: definition.type,
          operation: definition.operation,
          resources: assessment?.resources.map(({ resourceId }) => resourceId) ?? [],
          expectedDuration: formatDuration(assessment?.estimatedMs ?? 0),
          basis: assessment?.estimateBasis ?? 'could not be assessed',
          calls: assessment?.calls ?? [],
          quotas: assessment?.quotas ?? [],
        })),
    })),
  };
}

const LEVELS: readonly Finding['level'][] = ['error', 'warning', 'info'];

async function pause({ services }: ControlDeps, { executionId, by, requestId }: Act): Promise<void> {
  await services.executions.change(executionId, (change) => {
    const head = running(change);
    if (head.pauseRequested) return;
    const paused = requestPause(head, true, new Date(services.now()).toISOString());
    change.putHead(paused);
    change.emit('ExecutionPauseRequested', { by, ...requestOf({ requestId }) });
    if (paused.status === 'paused' && head.status !== 'paused') change.emit('ExecutionPaused');
  });
}

async function resume({ services }: ControlDeps, { executionId, by, reason, requestId }: Act): Promise<void> {
  await services.executions.change(executionId, (change) => {
    const head = running(change);
    if (!head.pauseRequested && head.pausedWaves === 0) return;
    change.putHead(requestPause(head, false, new Date(services.now()).toISOString()));
    change.emit('ExecutionResumed', { by, ...requestOf({ requestId }) });
  });
  const gates = await services.executions.gates(executionId);
  for (const { gateId, waveNumber } of gates.filter(
    (gate) => gate.kind === 'pause' && gate.status === 'open',
  )) {
    const closed = await services.executions.change(executionId, async (change) => {
      const gate = (await change.gates(waveNumber)).find((one) => one.gateId === gateId);
      // Someone else was quicker; what is left still has to be opened.
      if (gate?.status !== 'open') return [];
      return [closeGate(change, gate, resolutionOf('resume', { by, reason, requestId }), services.now())];
    });
    await passOn(services, ...closed);
  }
  await openGates(services, executionId, wavesOf(gates));
}

async function decide(deps: ControlDeps, act: Parameters<Control['decide']>[0]): Promise<void> {
  const { services } = deps;
  const { executionId, gateId, action, by, reason, requestId, principal, changeTicket } = act;
  if (action === 'approve' || action === 'reject') {
    if (principal === undefined)
      throw new BreakwaterError(
        'ApprovalRefused',
        `${action} counts by who gives it, and ${by} has no roles here: use POST /executions/{executionId}/gates/{gateId} or a one-time link`,
      );
    await approveAtGate(deps, { executionId, gateId, action, principal, reason, changeTicket });
    return;
  }
  if (action === 'skip' && !reason?.trim()) {
    throw new BreakwaterError('UsageInvalid', 'skip needs a reason: it stays in the evidence');
  }
  const gates = await services.executions.gates(executionId);
  const closed = await services.executions.change(executionId, async (change) => {
    running(change);
    const gate = await gateThatOffers(change, { gates, gateId, action });
    if (action !== 'cancel')
      return [closeGate(change, gate, resolutionOf(action, { by, reason, requestId }), services.now())];
    requestCancel(change, { by, reason, requestId });
    return [];
  });
  await passOn(services, ...closed);
  if (action === 'cancel') await openGates(services, executionId, wavesOf(gates));
}

type Why = {
  readonly by: string;
  readonly reason: string | undefined;
  readonly requestId: string | undefined;
};

function resolutionOf(action: GateAction, { by, reason, requestId }: Why): GateResolution {
  const why = reason === undefined ? {} : { reason };
  return { proceed: true, action, by, ...why, ...requestOf({ requestId }) };
}

/** Writes first that it is cancelled, then opens every gate, each of which then says so to its wave. */
async function cancel({ services }: ControlDeps, { executionId, by, reason, requestId }: Act): Promise<void> {
  await services.executions.change(executionId, (change) => requestCancel(change, { by, reason, requestId }));
  await openGates(services, executionId, wavesOf(await services.executions.gates(executionId)));
}

function requestCancel(change: Change, { by, reason, requestId }: Why): void {
  const head = running(change);
  if (head.cancelRequested) return;
  change.putHead({ ...head, cancelRequested: true });
  change.emit('ExecutionCancelRequested', {
    by,
    ...(reason === undefined ? {} : { reason }),
    ...requestOf({ requestId }),
  });
}

/** The gate as it is now, if it is open and offers the action. Throws `GateNotOpen`. */
async function gateThatOffers(
  change: Change,
  { gates, gateId, action }: { gates: readonly GateRecord[]; gateId: string; action: GateAction },
): Promise<GateRecord> {
  const known = gates.find((gate) => gate.gateId === gateId);
  const now = known === undefined ? [] : await change.gates(known.waveNumber);
  const gate = now.find((one) => one.gateId === gateId);
  if (gate?.status !== 'open' || !GATE_ACTIONS[gate.kind].includes(action))
    throw notOpen(gates, gateId, action);
  return gate;
}

function notOpen(gates: readonly GateRecord[], gateId: string, action: string): BreakwaterError {
  const open = gates.filter(({ kind, status }) => status === 'open' && kind !== 'dependencies');
  const list = open.map((gate) => `${gate.gateId} (${GATE_ACTIONS[gate.kind].join(', ')})`).join(', ');
  return new BreakwaterError(
    'GateNotOpen',
    `cannot ${action} at gate ${JSON.stringify(gateId)}; open gates: ${list || 'none'}`,
  );
}

function running(change: Change): ReturnType<Change['head']> {
  const head = change.head();
  if (hasEnded(head.status)) {
    throw new BreakwaterError('ExecutionNotRunning', `execution ${head.executionId} is ${head.status}`);
  }
  return head;
}

function wavesOf(gates: readonly GateRecord[]): number[] {
  return [...new Set(gates.filter(({ status }) => status === 'open').map(({ waveNumber }) => waveNumber))];
}
