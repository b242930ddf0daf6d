import type { PlatformType, SendCommandCommandInput } from '@aws-sdk/client-ssm';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';
import { commandView } from './commands.ts';
import { getDocumentRow } from './documents.ts';
import { findNode } from './nodes.ts';
import { scriptText } from './outcomes.ts';
import {
  commands,
  newUuid,
  validationError,
  type CommandRow,
  type DocumentRow,
  type NodeRow,
} from './rows.ts';
import { scheduleInvocations } from './schedule.ts';
import { assertTargets, nodesOfTargets } from './targets.ts';

const DELIVERY_TIMEOUT_SECONDS = 3_600;

/** Not idempotent: the same command sent twice runs twice. */
export function sendCommand(call: Call, input: SendCommandCommandInput) {
  assertInput(input);
  const document = getDocumentRow(call, input.DocumentName);
  assertDocument(document, input);
  const nodes = input.InstanceIds?.length
    ? namedNodes(call, input.InstanceIds)
    : nodesOfTargets(call, input.Targets!);
  assertPlatform(document, nodes);
  const command: CommandRow = {
    id: newUuid(call),
    documentName: document.name,
    documentVersion: input.DocumentVersion ?? '$DEFAULT',
    comment: input.Comment ?? '',
    parameters: input.Parameters ?? {},
    instanceIds: input.InstanceIds ?? [],
    targets: (input.Targets ?? []).map(({ Key = '', Values = [] }) => ({ key: Key, values: Values })),
    maxConcurrency: input.MaxConcurrency ?? '50',
    maxErrors: input.MaxErrors ?? '0',
    timeoutSeconds: input.TimeoutSeconds ?? DELIVERY_TIMEOUT_SECONDS,
    requestedAt: call.now,
    cancelled: false,
  };
  commands(call).put(command.id, command);
  scheduleInvocations(call, command, { nodes, script: scriptText(document, command.parameters) });
  return { Command: commandView(call, command) };
}

function assertInput(input: SendCommandCommandInput): void {
  const { InstanceIds = [], Targets = [], TimeoutSeconds = 30, Comment = '' } = input;
  if (InstanceIds.length > 0 && Targets.length > 0) {
    throw validationError("only one of 'instanceIds' and 'targets' can be specified");
  }
  if (InstanceIds.length > 50) {
    throw validationError(
      "Value at 'instanceIds' failed to satisfy constraint: Member must have length less than or equal to 50",
    );
  }
  if (InstanceIds.length === 0) assertTargets(Targets);
  if (TimeoutSeconds < 30 || TimeoutSeconds > 2_592_000) {
    throw validationError(
      `Value '${TimeoutSeconds}' at 'timeoutSeconds' failed to satisfy constraint: Member must be between 30 and 2592000`,
    );
  }
  assertPattern('maxConcurrency', input.MaxConcurrency, /^([1-9]\d{0,6}|[1-9]\d?%|100%)$/);
  assertPattern('maxErrors', input.MaxErrors, /^(\d{1,7}|\d\d?%|100%)$/);
  if (Comment.length > 100) {
    throw validationError(
      `Value '${Comment}' at 'comment' failed to satisfy constraint: Member must have length less than or equal to 100`,
    );
  }
}

function assertPattern(member: string, value: string | undefined, pattern: RegExp): void {
  if (value === undefined || pattern.test(value)) return;
  throw validationError(
    `Value '${value}' at '${member}' failed to satisfy constraint: Member must satisfy regular expression pattern: ${pattern.source}`,
  );
}

function assertDocument(document: DocumentRow, input: SendCommandCommandInput): void {
  if (document.type !== 'Command') {
    throw new ServiceError(
      'InvalidDocument',
      `Document ${document.name} is of type ${document.type}, not Command.`,
    );
  }
  const missing = document.requiredParameters.find((name) => !input.Parameters?.[name]?.length);
  if (missing !== undefined) {
    throw new ServiceError(
      'InvalidParameters',
      `Missing required parameter ${missing} for document ${document.name}.`,
    );
  }
}

/** One bad id refuses the whole call. */
function namedNodes(call: Call, ids: readonly string[]): NodeRow[] {
  const nodes = [...new Set(ids)].map((id) => ({ id, node: findNode(call, id) }));
  const bad = nodes.filter(({ node }) => node?.ping !== 'Online').map(({ id }) => id);
  if (bad.length > 0) {
    throw new ServiceError(
      'InvalidInstanceId',
      `Instances [[${bad.join(', ')}]] not in a valid state for account ${call.accountId}`,
    );
  }
  return nodes.flatMap(({ node }) => node ?? []);
}

function assertPlatform(document: DocumentRow, nodes: readonly NodeRow[]): void {
  const supported = (platform: PlatformType): boolean => document.platforms.includes(platform);
  const wrong = nodes.find((node) => !supported(node.platform));
  if (wrong === undefined) return;
  throw new ServiceError(
    'UnsupportedPlatformType',
    `Document ${document.name} does not support ${wrong.platform}, the platform of ${wrong.id}.`,
  );
}
