import type { Call } from '#sim/kernel/contract.ts';
import { decideOutcome } from './outcomes.ts';
import { executions, invocations, type CommandRow, type InvocationRow, type NodeRow } from './rows.ts';

type Plan = Pick<
  InvocationRow,
  'startsAt' | 'endsAt' | 'finalStatus' | 'finalDetails' | 'exitCode' | 'stdout' | 'stderr'
>;

const NO_OUTPUT = { exitCode: -1, stdout: '', stderr: '' };

/**
 * Decides, when the command is sent, when each node begins and how it ends: `MaxConcurrency` nodes at a time, and none
 * begins once more than `MaxErrors` have failed.
 */
export function scheduleInvocations(
  call: Call,
  command: CommandRow,
  { nodes, script }: { nodes: readonly NodeRow[]; script: string },
): void {
  const slots = Array.from(
    { length: shareOf(command.maxConcurrency, nodes.length) },
    () => command.requestedAt,
  );
  const failures: number[] = [];
  for (const node of nodes) {
    const slot = slots.indexOf(Math.min(...slots));
    const random = call.world.random(`ssm.deliver/${command.id}/${node.id}`);
    const startsAt = Math.round(slots[slot]! + random.uniform(300, 1_500));
    const tooManyErrors =
      failures.filter((at) => at <= startsAt).length > shareOf(command.maxErrors, nodes.length, 0);
    const plan = tooManyErrors ? terminated(slots[slot]!) : planOf(call, command, { node, script, startsAt });
    slots[slot] = plan.endsAt;
    if (plan.finalStatus !== 'Success') failures.push(plan.endsAt);
    invocations(call, command.id).put(node.id, {
      ...plan,
      commandId: command.id,
      instanceId: node.id,
      instanceName: node.name,
      requestedAt: command.requestedAt,
      visibleAt: command.requestedAt + Math.round(random.uniform(500, 2_000)),
      cancelling: false,
    });
  }
}

/** A count, or a percentage such as `10%`, of `total`. */
function shareOf(text: string, total: number, atLeast = 1): number {
  const count = text.endsWith('%') ? Math.floor((Number.parseFloat(text) / 100) * total) : Number(text);
  return Math.max(atLeast, Math.min(count, Math.max(total, 1)));
}

function planOf(
  call: Call,
  command: CommandRow,
  { node, script, startsAt }: { node: NodeRow; script: string; startsAt: number },
): Plan {
  if (node.ping !== 'Online') return deliveryTimeout(command);
  const outcome = decideOutcome(call, node, script, command.id);
  executions(call).put(`${command.id}/${node.id}`, {
    commandId: command.id,
    instanceId: node.id,
    documentName: command.documentName,
    comment: command.comment,
    script,
    startsAt,
    exitCode: outcome.exitCode,
  });
  const limit = Number(command.parameters['executionTimeout']?.[0] ?? 3_600);
  if (outcome.seconds > limit) {
    const endsAt = startsAt + limit * 1_000;
    return { startsAt, endsAt, finalStatus: 'TimedOut', finalDetails: 'Execution Timed Out', ...NO_OUTPUT };
  }
  const finalStatus = outcome.exitCode === 0 ? 'Success' : 'Failed';
  const { exitCode, stdout, stderr } = outcome;
  const endsAt = startsAt + Math.round(outcome.seconds * 1_000);
  return { startsAt, endsAt, finalStatus, finalDetails: finalStatus, exitCode, stdout, stderr };
}

function deliveryTimeout(command: CommandRow): Plan {
  const endsAt = command.requestedAt + command.timeoutSeconds * 1_000;
  return {
    startsAt: endsAt,
    endsAt,
    finalStatus: 'TimedOut',
    finalDetails: 'Delivery Timed Out',
    ...NO_OUTPUT,
  };
}

function terminated(at: number): Plan {
  return { startsAt: at, endsAt: at, finalStatus: 'Cancelled', finalDetails: 'Terminated', ...NO_OUTPUT };
}
