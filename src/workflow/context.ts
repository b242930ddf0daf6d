import type { Operation, OperationContext, OperationInput } from '#adapters/contract.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { RecoveredServer } from '#core/outcome.ts';
import type { ProtectionGroup, Technology } from '#core/plan.ts';
import type { HeadRecord, PlanRecord, TechnologyRecord } from '#core/records.ts';
import { z } from 'zod';
import type { Services } from './services.ts';

/** A technology with all that its adapter needs. */
export interface Work {
  readonly head: HeadRecord;
  readonly technology: TechnologyRecord;
  readonly operation: Operation;
  readonly context: OperationContext;
  readonly input: OperationInput<unknown, unknown>;
}

/** Reads a technology's records and makes its adapter's context. */
export async function loadWork(
  services: Services,
  place: { executionId: string; waveNumber: number; technologyIndex: number },
): Promise<Work> {
  const { executions } = services;
  const head = await executions.head(place.executionId);
  const plan = await executions.plan(place.executionId);
  const technology = await executions.technology(place.executionId, place.waveNumber, place.technologyIndex);
  return workOf(services, head, plan, technology);
}

/** As `loadWork`, from records that are at hand. */
export function workOf(
  services: Services,
  head: HeadRecord,
  plan: PlanRecord,
  technology: TechnologyRecord,
): Work {
  const { definition } = technology;
  const operation = services.findOperation(definition.type, definition.operation);
  return {
    head,
    technology,
    operation,
    context: contextOf(services, head, plan, technology),
    input: parseInput(operation, definition),
  };
}

/** The technology's `resources` and `parameters` by its operation's schemas. Throws `PlanInvalid` with every problem. */
export function parseInput(operation: Operation, definition: Technology): OperationInput<unknown, unknown> {
  const resources = operation.resources.safeParse(definition.resources);
  const parameters = operation.parameters.safeParse(definition.parameters);
  if (resources.success && parameters.success)
    return { resources: resources.data, parameters: parameters.data };
  const problems = [resources.error, parameters.error]
    .filter((error) => error !== undefined)
    .map(z.prettifyError);
  throw new BreakwaterError(
    'PlanInvalid',
    `${definition.type}/${definition.operation}: ${problems.join('; ')}`,
  );
}

function contextOf(
  services: Services,
  head: HeadRecord,
  plan: PlanRecord,
  technology: TechnologyRecord,
): OperationContext {
  const { executionId } = head;
  const { waveNumber, technologyIndex, attempt, definition } = technology;
  const place = { waveNumber, technologyIndex, attempt };
  return {
    executionId,
    mode: head.mode,
    planning: head.status === 'planning',
    ...place,
    only: technology.only,
    accountId: definition.accountId ?? plan.accountId,
    region: definition.region ?? plan.region,
    aws: services.awsFor(executionId),
    firstStartedAt: Date.parse(technology.firstStartedAt ?? new Date(services.now()).toISOString()),
    now: () => services.now(),
    signal: services.signal,
    scripts: plan.scripts,
    protectionGroup: (groupId) => protectionGroup(services, plan, groupId),
    solution: (name) => services.solution(name, executionId),
    recoveredServers: () => recoveredServers(services, executionId),
    intent: {
      read: (of = attempt) => services.executions.intent(executionId, { ...place, attempt: of }),
      write: (value) => services.executions.putIntent(executionId, place, value),
    },
  };
}

async function protectionGroup(
  services: Services,
  plan: PlanRecord,
  groupId: string,
): Promise<ProtectionGroup | null> {
  const inPlan = plan.protectionGroups.find((group) => group.groupId === groupId);
  return inPlan ?? services.storedProtectionGroup(groupId);
}

async function recoveredServers(services: Services, executionId: string): Promise<RecoveredServer[]> {
  const rows = await services.executions.outcomes(executionId);
  return rows
    .filter(
      ({ outcome }) =>
        outcome.status === 'completed' && typeof outcome.result?.['recoveryInstanceId'] === 'string',
    )
    .map(({ outcome }) => outcome.result as unknown as RecoveredServer);
}
