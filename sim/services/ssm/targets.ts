import type { Call } from '#sim/kernel/contract.ts';
import type { Target } from '@aws-sdk/client-ssm';
import { ServiceError } from '#sim/kernel/contract.ts';
import { listNodes } from './nodes.ts';
import { validationError, type NodeRow } from './rows.ts';

export function assertTargets(targets: readonly Target[]): void {
  if (targets.length === 0) throw validationError("one of 'instanceIds' and 'targets' must be specified");
  if (targets.length > 5 || targets.some(({ Values = [] }) => Values.length > 50)) {
    throw validationError(
      "Value at 'targets' failed to satisfy constraint: at most 5 targets of 50 values each",
    );
  }
}

/** Registered nodes that match every target: `tag:<key>`, `tag-key` or `InstanceIds`. No match is no error. */
export function nodesOfTargets(call: Call, targets: readonly Target[]): NodeRow[] {
  return targets.reduce((left, target) => left.filter((node) => isTarget(node, target)), listNodes(call));
}

function isTarget(node: NodeRow, { Key = '', Values = [] }: Target): boolean {
  if (Key === 'InstanceIds') return Values.includes(node.id);
  if (Key === 'tag-key') return Values.some((key) => key in node.tags);
  if (!Key.startsWith('tag:'))
    throw new ServiceError('InvalidTarget', `The target key ${Key} is not simulated.`);
  const value = node.tags[Key.slice('tag:'.length)];
  return value !== undefined && Values.includes(value);
}
