import { hasCode } from '#core/errors.ts';
import type { Principal } from '#core/permissions.ts';
import type { GateView } from '#core/view.ts';
import { createApprovalLinks, type ApprovalLinks } from './approval-links.ts';
import { approveAtGate, refusalByPerson, type ApprovalAct, type ApprovalResult } from './approve-at-gate.ts';
import type { Denials } from './denials.ts';
import type { PlaneDeps } from './plane-deps.ts';
import { viewGate } from './view.ts';
import { requestOf } from './audit-log.ts';

/** Approvals by who gives them. Every word, and every refusal, is in the evidence. */
export interface Approvals extends ApprovalLinks {
  /**
   * Approves or rejects at a gate. Throws `ApprovalRefused` with the reason, `GateNotOpen`, `ExecutionNotRunning`,
   * `ExecutionNotFound`; `UsageInvalid` for a rejection without a reason.
   */
  decide(
    params: Omit<ApprovalAct, 'link'> & { readonly requestId?: string | undefined },
  ): Promise<ApprovalResult>;
  /** All open approval gates where this principal may still count. */
  waitingFor(principal: Principal): Promise<readonly WaitingApproval[]>;
}

/** An approval that someone waits for. */
export interface WaitingApproval {
  readonly executionId: string;
  readonly planId: string;
  readonly planName: string;
  readonly mode: 'drill' | 'recovery';
  readonly initiatedBy: string;
  readonly gate: GateView;
}

export function createApprovals(deps: PlaneDeps, denials: Pick<Denials, 'noteFailure'>): Approvals {
  const { executions } = deps.services;
  const decide = (act: ApprovalAct) => decideAudited(deps, act);
  return {
    decide,
    ...createApprovalLinks(deps, { decide, denials }),
    async waitingFor(principal) {
      // Only an execution that waits for a person can have an open gate.
      const heads = (await executions.unfinished()).filter(({ pausedWaves }) => pausedWaves > 0);
      const waiting = await Promise.all(
        heads.map(async ({ executionId, planId, planName, mode, initiatedBy }) => {
          const mine = await Promise.all(
            (await executions.gates(executionId)).map(async (gate) => {
              const { status, approval } = gate;
              if (status !== 'open' || approval === undefined) return [];
              const refusal = await refusalByPerson(deps.store, approval, {
                approver: principal,
                initiatedBy,
              });
              return refusal === null ? [gate] : [];
            }),
          );
          const execution = { executionId, planId, planName, mode, initiatedBy };
          return mine.flat().map((gate) => ({ ...execution, gate: viewGate(gate) }));
        }),
      );
      return waiting.flat();
    },
  };
}

async function decideAudited(deps: PlaneDeps, act: ApprovalAct): Promise<ApprovalResult> {
  const { executionId, gateId, action, principal, changeTicket, reason, requestId, link } = act;
  const note = (name: string, more: { [name: string]: string | number }) =>
    deps.audit.append({
      action: `approval.${name}`,
      by: principal.id,
      target: `execution/${executionId}/gate/${gateId}`,
      executionId,
      ...requestOf({ requestId }),
      data: {
        roles: [...principal.roles],
        ...(changeTicket === undefined ? {} : { changeTicket }),
        ...(reason === undefined ? {} : { reason }),
        ...(link === undefined ? {} : { linkMadeBy: link.madeBy }),
        ...more,
      },
    });
  try {
    const result = await approveAtGate(deps, act);
    await note(action, { gateStatus: result.status, approvals: result.approvals, required: result.required });
    return result;
  } catch (error) {
    if (hasCode(error, 'ApprovalRefused')) await note('refused', { asked: action, refusal: error.message });
    throw error;
  }
}
