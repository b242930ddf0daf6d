import { approvalFor, compareResources } from '#core/approval.ts';
import { parseDuration } from '#core/duration.ts';
import { BreakwaterError, isBreakwaterError } from '#core/errors.ts';
import type { Failure } from '#core/outcome.ts';
import type { Approval } from '#core/plan.ts';
import type { GateApproval, GateRecord, HeadRecord, ResolvedTechnology } from '#core/records.ts';
import { hashResources, resolvedOf, resolveResources } from './resolve-resources.ts';
import type { Services } from './services.ts';

/** How long an approval gate holds, in whole seconds; 0 if none is asked for. */
export function approvalTimeoutSeconds(asked: Approval | undefined, mode: HeadRecord['mode']): number {
  const approval = approvalFor(asked, mode);
  return approval === null ? 0 : Math.ceil(parseDuration(approval.expiresIn) / 1_000);
}

/** What an approval gate of this wave asks for (0: of the execution), and what there is to approve when it opens. */
export async function prepareApproval(
  services: Services,
  executionId: string,
  waveNumber: number,
): Promise<{ approval: GateApproval; timeoutSeconds: number }> {
  const { executions } = services;
  const head = await executions.head(executionId);
  const asked =
    waveNumber === 0
      ? (await executions.plan(executionId)).approval
      : (await executions.wave(executionId, waveNumber)).definition.approval;
  if (asked === undefined)
    throw new BreakwaterError('Bug', `nobody asks for approval at wave ${waveNumber} of ${executionId}`);
  const { required, roles, changeTicket } = asked;
  const atStart = await resourcesAtStart(services, executionId, waveNumber);
  const resources = waveNumber === 0 ? atStart : await resolveOr(services, executionId, waveNumber, atStart);
  const difference = compareResources(atStart, resources);
  return {
    timeoutSeconds: approvalTimeoutSeconds(asked, head.mode),
    approval: {
      required,
      roles,
      changeTicket,
      planHash: head.planHash,
      resourcesHash: hashResources(resources),
      resources,
      approvals: [],
      lapsed: [],
      ...(difference.length === 0 ? {} : { difference: { planChanged: false, resources: difference } }),
    },
  };
}

async function resourcesAtStart(
  services: Services,
  executionId: string,
  waveNumber: number,
): Promise<ResolvedTechnology[]> {
  const technologies = await services.executions.technologies(
    executionId,
    waveNumber === 0 ? undefined : waveNumber,
  );
  return technologies.map((technology) => resolvedOf(technology, technology.resources));
}

/** What cannot be resolved now is shown as it was at the start; the approval that would open the gate resolves it again. */
async function resolveOr(
  services: Services,
  executionId: string,
  waveNumber: number,
  known: ResolvedTechnology[],
): Promise<ResolvedTechnology[]> {
  try {
    return await resolveResources(services, executionId, waveNumber);
  } catch (error) {
    if (!isBreakwaterError(error) || error.retry === 'bug') throw error;
    return known;
  }
}

/** Why an execution ends whose approval gate nobody has satisfied in time. */
export function expiryOf({ approval, openedAt, expiresAt }: GateRecord): Failure {
  const { approvals = [], required = 1 } = approval ?? {};
  return {
    code: 'ApprovalExpired',
    message: `approval expired: ${approvals.length} of ${required} given between ${openedAt} and ${expiresAt ?? 'now'}`,
  };
}
