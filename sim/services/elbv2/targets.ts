import type {
  DeregisterTargetsCommandInput,
  RegisterTargetsCommandInput,
  TargetDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';
import { findInstance } from '#sim/services/ec2/instances.ts';
import { getTargetGroup, noteChange, targets, type TargetGroupRow } from './rows.ts';

/** Registering a registered target again changes nothing; a draining one begins anew. One bad target refuses all. */
export function registerTargets(call: Call, input: RegisterTargetsCommandInput) {
  const group = getTargetGroup(call, input.TargetGroupArn);
  const given = input.Targets ?? [];
  assertTargets(call, group, given);
  const table = targets(call, group.name);
  for (const { id, port } of given.map((target) => place(group, target))) {
    const before = table.get(`${id}:${port}`);
    if (before !== undefined && before.drainedAt === null) continue;
    table.put(`${id}:${port}`, { id, port, registeredAt: call.now, drainedAt: null });
  }
  noteChange(call, { kind: 'register', arn: group.arn, targets: given.map(({ Id = '' }) => Id) });
  return {};
}

/** A target in use drains first; one that is not registered is passed over. */
export function deregisterTargets(call: Call, input: DeregisterTargetsCommandInput) {
  const group = getTargetGroup(call, input.TargetGroupArn);
  const given = input.Targets ?? [];
  const table = targets(call, group.name);
  for (const target of given) {
    const rows = table
      .all()
      .filter((row) => row.id === target.Id && (target.Port === undefined || row.port === target.Port));
    for (const row of rows.filter(({ drainedAt }) => drainedAt === null)) {
      const key = `${row.id}:${row.port}`;
      if (group.usedSince === null) table.remove(key);
      else table.put(key, { ...row, drainedAt: call.now + group.drainSeconds * 1_000 });
    }
  }
  noteChange(call, { kind: 'deregister', arn: group.arn, targets: given.map(({ Id = '' }) => Id) });
  return {};
}

export function place(
  group: TargetGroupRow,
  { Id = '', Port }: TargetDescription,
): { id: string; port: number } {
  return { id: Id, port: Port ?? group.port };
}

function assertTargets(call: Call, group: TargetGroupRow, given: readonly TargetDescription[]): void {
  const ids = given.map(({ Id = '' }) => Id);
  const refuse = (message: string): never => {
    throw new ServiceError('InvalidTargetException', message);
  };
  if (group.targetType === 'ip') {
    const bad = ids.find((id) => !/^\d{1,3}(\.\d{1,3}){3}$/.test(id));
    if (bad !== undefined) refuse(`The IP address '${bad}' is not a valid IPv4 address`);
    return;
  }
  const unknown = ids.find((id) => findInstance(call, id) === undefined);
  if (unknown !== undefined) refuse(`Instance ID '${unknown}' is not valid`);
  const notRunning = ids.filter((id) => findInstance(call, id)?.state !== 'running');
  if (notRunning.length > 0) {
    refuse(
      `The following targets are not in a running state and cannot be registered: '${notRunning.join("', '")}'`,
    );
  }
}
