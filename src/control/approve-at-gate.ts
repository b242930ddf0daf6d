import {
  describeDifference,
  handsIn,
  isSatisfied,
  rebind,
  refusalOf,
  roleRefusalOf,
  withApproval,
  type Approver,
  type Subject,
} from '#core/approval.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { Json } from '#core/json.ts';
import type { Principal } from '#core/permissions.ts';
import type { GateApproval, GateRecord } from '#core/records.ts';
import { hasEnded } from '#core/states.ts';
import type { ApprovalDifference, ApprovalGiven } from '#core/view.ts';
import type { Change } from '#store/execution-change.ts';
import type { Store } from '#store/port.ts';
import { closeGate, passOn } from '#workflow/gates.ts';
import { hashResources, resolveResources } from '#workflow/resolve-resources.ts';
import { openAllGates } from '#workflow/waves.ts';
import { requestOf } from './audit-log.ts';
import type { ControlDeps } from './deps.ts';
import { personOf } from './token-records.ts';

/**
 * One person's word at an approval gate.
 *
 * Invariants:
 * 1. recording an approval and closing the gate is one conditional write, so a gate is closed at most once and no approval is lost;
 * 2. before an approval that would open the gate is recorded, the resources are resolved anew. If they are others than the gate is
 *    bound to, the gate is bound to the new ones, what was approved before lapses, and this approval is refused: nobody has seen
 *    what would run;
 * 3. resolving is reading, outside of the change. A gate that was bound anew meanwhile is bound to something else than was resolved,
 *    and is compared with it within the change.
 */
export interface ApprovalAct {
  readonly executionId: string;
  readonly gateId: string;
  readonly action: 'approve' | 'reject';
  readonly principal: Principal;
  readonly changeTicket?: string | undefined;
  readonly reason?: string | undefined;
  /** Of the request that asked; stands in the event. */
  readonly requestId?: string | undefined;
  /** Given by a link: what it was made for, and by whom. */
  readonly link?: LinkUse | undefined;
}

export interface LinkUse {
  readonly planHash: string;
  readonly resourcesHash: string;
  readonly madeBy: string;
}

/** How the gate stands after it. */
export interface ApprovalResult {
  readonly gateId: string;
  readonly status: 'open' | 'closed';
  readonly approvals: number;
  readonly required: number;
}

type ApprovalDeps = Pick<ControlDeps, 'services' | 'store'>;

type Step =
  | { readonly kind: 'done'; readonly gate: GateRecord; readonly approval: GateApproval }
  | { readonly kind: 'resolve' }
  | { readonly kind: 'lapsed'; readonly difference: ApprovalDifference };

/** Throws `ApprovalRefused` with the reason, `GateNotOpen`, `ExecutionNotRunning`, or what kept the resources from being resolved. */
export async function approveAtGate(deps: ApprovalDeps, act: ApprovalAct): Promise<ApprovalResult> {
  const { services } = deps;
  const { executionId } = act;
  refuseEmptyReason(act);
  const known = (await services.executions.gates(executionId)).find(({ gateId }) => gateId === act.gateId);
  const at = { act, waveNumber: known?.waveNumber ?? 0 };
  let subject: Subject | null = null;
  let step = await take(deps, { ...at, subject });
  if (step.kind === 'resolve') {
    const resources = await resolveResources(services, executionId, at.waveNumber);
    const { planHash } = await services.executions.head(executionId);
    subject = { planHash, resources, resourcesHash: hashResources(resources) };
    step = await take(deps, { ...at, subject });
  }
  if (step.kind === 'lapsed') throw lapsed(step.difference);
  if (step.kind === 'resolve') throw new BreakwaterError('Bug', 'what was resolved is to be resolved again');
  await passOn(services, step.gate);
  if (act.action === 'reject') await openAllGates(services, executionId);
  const { gateId, status } = step.gate;
  return { gateId, status, approvals: step.approval.approvals.length, required: step.approval.required };
}

type Taking = {
  readonly act: ApprovalAct;
  readonly waveNumber: number;
  readonly subject: Subject | null;
};

function take(deps: ApprovalDeps, { act, waveNumber, subject }: Taking): Promise<Step> {
  const { services } = deps;
  return services.executions.change(act.executionId, async (change) => {
    const now = services.now();
    const { gate, approval } = openApprovalGate(change, await change.gates(waveNumber), act, now);
    return act.action === 'reject'
      ? reject(change, { gate, approval, act, now })
      : approve(deps, change, { gate, approval, act, now, subject });
  });
}

type At = {
  readonly gate: GateRecord;
  readonly approval: GateApproval;
  readonly act: ApprovalAct;
  readonly now: number;
};

async function approve(
  { store }: ApprovalDeps,
  change: Change,
  { gate, approval, act, now, subject }: At & { subject: Subject | null },
): Promise<Step> {
  const { principal, link } = act;
  const head = change.head();
  const approver = { ...principal, linkMadeBy: link?.madeBy };
  refuse(await refusalByPerson(store, approval, { approver, initiatedBy: head.initiatedBy }));
  refuse(linkRefusalOf(approval, act));
  if (approval.changeTicket === 'required' && !act.changeTicket?.trim())
    refuse('the plan demands a change ticket with each approval');
  const bound = rebind(approval, subject ?? { ...approval, planHash: head.planHash });
  if (bound !== null) return lapse(change, gate, bound);
  const next = withApproval(approval, givenBy(act, now));
  if (isSatisfied(next) && subject === null) return { kind: 'resolve' };
  const recorded: GateRecord = { ...gate, approval: next };
  change.emit('ApprovalGiven', {
    gateId: gate.gateId,
    waveNumber: gate.waveNumber,
    by: principal.id,
    approvals: next.approvals.length,
    required: next.required,
    ...(act.changeTicket === undefined ? {} : { changeTicket: act.changeTicket }),
    ...requestOf(act),
  });
  if (!isSatisfied(next)) {
    change.putGate(recorded);
    return { kind: 'done', gate: recorded, approval: next };
  }
  const resolution = {
    proceed: true,
    action: 'approve',
    by: principal.id,
    ...reasonOf(act),
    ...requestOf(act),
  } as const;
  return { kind: 'done', gate: closeGate(change, recorded, resolution, now), approval: next };
}

function lapse(
  change: Change,
  gate: GateRecord,
  bound: GateApproval & { readonly difference: ApprovalDifference },
): Step {
  change.putGate({ ...gate, approval: bound });
  change.emit('ApprovalLapsed', {
    gateId: gate.gateId,
    waveNumber: gate.waveNumber,
    difference: describeDifference(bound.difference),
  });
  return { kind: 'lapsed', difference: bound.difference };
}

function reject(change: Change, { gate, approval, act, now }: At): Step {
  const { principal } = act;
  refuse(roleRefusalOf(approval.roles, principal));
  const message = `Rejected by ${principal.name}: ${act.reason}`;
  const head = change.head();
  if (head.stopRequested === undefined)
    change.putHead({ ...head, stopRequested: { code: 'ApprovalRejected', message } });
  const resolution = {
    proceed: false,
    action: 'reject',
    by: principal.id,
    ...reasonOf(act),
    ...requestOf(act),
  } as const;
  return { kind: 'done', gate: closeGate(change, gate, resolution, now), approval };
}

/** The gate as it is now, if it waits for approvals. Throws `GateNotOpen`, `ExecutionNotRunning`. */
function openApprovalGate(
  change: Change,
  gates: readonly GateRecord[],
  { executionId, gateId }: ApprovalAct,
  now: number,
): { gate: GateRecord; approval: GateApproval } {
  const { status } = change.head();
  if (hasEnded(status))
    throw new BreakwaterError('ExecutionNotRunning', `execution ${executionId} is ${status}`);
  const gate = gates.find((one) => one.gateId === gateId);
  if (gate?.status !== 'open' || gate.approval === undefined)
    throw new BreakwaterError('GateNotOpen', `gate ${JSON.stringify(gateId)} waits for no approval`);
  if (Date.parse(gate.expiresAt!) <= now)
    throw new BreakwaterError('GateNotOpen', `gate ${JSON.stringify(gateId)} has expired: ${gate.expiresAt}`);
  return { gate, approval: gate.approval };
}

function linkRefusalOf(approval: GateApproval, { principal, link }: ApprovalAct): string | null {
  if (link === undefined) return null;
  if (link.planHash !== approval.planHash || link.resourcesHash !== approval.resourcesHash)
    return `what ${principal.name} was asked to approve has changed since the link was made`;
  return null;
}

/** `refusalOf`, with the persons as the records have them. */
export async function refusalByPerson(
  store: Store,
  approval: Pick<GateApproval, 'approvals' | 'roles'>,
  { approver, initiatedBy }: { readonly approver: Approver; readonly initiatedBy: string },
): Promise<string | null> {
  const { id, linkMadeBy = id } = approver;
  const ids = new Set([id, linkMadeBy, initiatedBy, ...approval.approvals.flatMap(handsIn)]);
  const known = new Map<string, string>();
  for (const one of ids) known.set(one, await personOf(store, one));
  return refusalOf(approval, approver, { initiatedBy, personOf: (one) => known.get(one)! });
}

function givenBy({ principal, changeTicket, link, ...act }: ApprovalAct, now: number): ApprovalGiven {
  return {
    by: principal.id,
    name: principal.name,
    roles: principal.roles,
    at: new Date(now).toISOString(),
    ...(changeTicket === undefined ? {} : { changeTicket }),
    ...reasonOf(act),
    ...(link === undefined ? {} : { linkMadeBy: link.madeBy }),
  };
}

function reasonOf({ reason }: Pick<ApprovalAct, 'reason'>): { reason?: string } {
  return reason === undefined ? {} : { reason };
}

function refuseEmptyReason({ action, reason }: ApprovalAct): void {
  if (action === 'reject' && !reason?.trim())
    throw new BreakwaterError('UsageInvalid', 'reject needs a reason: it stays in the evidence');
}

function refuse(why: string | null): void {
  if (why !== null) throw new BreakwaterError('ApprovalRefused', why);
}

function lapsed(difference: ApprovalDifference): BreakwaterError {
  return new BreakwaterError(
    'ApprovalRefused',
    `what is to be approved has changed, look at it and approve again: ${describeDifference(difference)}`,
    { details: { difference: difference as unknown as Json } },
  );
}
