import type {
  AutomationExecution,
  GetAutomationExecutionCommandInput,
  StartAutomationExecutionCommandInput,
} from '@aws-sdk/client-ssm';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';
import { getDocumentRow } from './documents.ts';
import { findRule, scriptText } from './outcomes.ts';
import { automations, newUuid, type AutomationRow } from './rows.ts';

/** With the same `ClientToken` and the same request it answers the same execution. */
export function startAutomationExecution(call: Call, input: StartAutomationExecutionCommandInput) {
  const document = getDocumentRow(call, input.DocumentName);
  if (document.type !== 'Automation') {
    throw new ServiceError(
      'AutomationDefinitionNotFoundException',
      `Document ${document.name} is not a runbook.`,
    );
  }
  const given = { documentName: document.name, parameters: input.Parameters ?? {} };
  const token = input.ClientToken?.toLowerCase() ?? null;
  const earlier =
    token === null
      ? undefined
      : automations(call)
          .all()
          .find((row) => row.clientToken === token);
  if (earlier !== undefined) return { AutomationExecutionId: adopt(earlier, given) };
  const id = newUuid(call);
  const rule = findRule(call, scriptText(document, given.parameters), undefined);
  const seconds = rule?.durationSeconds ?? call.world.random(`ssm.automation/${id}`).lognormal(0.9, 0.05);
  automations(call).put(id, {
    ...given,
    id,
    clientToken: token,
    startsAt: call.now,
    endsAt: call.now + Math.round(seconds * 1_000),
    succeeds: (rule?.exitCode ?? 0) === 0,
  });
  return { AutomationExecutionId: id };
}

function adopt(earlier: AutomationRow, given: Pick<AutomationRow, 'documentName' | 'parameters'>): string {
  const before = JSON.stringify([earlier.documentName, earlier.parameters]);
  if (before !== JSON.stringify([given.documentName, given.parameters])) {
    throw new ServiceError('IdempotentParameterMismatch', 'The client token was used with other parameters.');
  }
  return earlier.id;
}

export function getAutomationExecution(
  call: Call,
  input: GetAutomationExecutionCommandInput,
): { AutomationExecution: AutomationExecution } {
  const row = automations(call).get(input.AutomationExecutionId ?? '');
  if (row === undefined) {
    throw new ServiceError(
      'AutomationExecutionNotFoundException',
      `There is no automation execution with id ${input.AutomationExecutionId}.`,
    );
  }
  const ended = call.now >= row.endsAt;
  return {
    AutomationExecution: {
      AutomationExecutionId: row.id,
      DocumentName: row.documentName,
      DocumentVersion: '1',
      ExecutionStartTime: new Date(row.startsAt),
      ExecutionEndTime: ended ? new Date(row.endsAt) : undefined,
      AutomationExecutionStatus: ended ? (row.succeeds ? 'Success' : 'Failed') : 'InProgress',
      FailureMessage: ended && !row.succeeds ? 'Step fails when it is Execute/Cancelling action.' : undefined,
      Parameters: Object.fromEntries(
        Object.entries(row.parameters).map(([name, values]) => [name, [...values]]),
      ),
      StepExecutions: [],
      StepExecutionsTruncated: false,
      Mode: 'Auto',
      ExecutedBy: call.principal,
    },
  };
}
