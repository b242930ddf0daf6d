import type { Call } from '#sim/kernel/contract.ts';
import { findInstance, listInstances, type Instance } from '#sim/services/ec2/instances.ts';
import { managedNodes, type NodeRow } from './rows.ts';

/** Every machine that is registered now: the scenario's managed nodes and the EC2 instances whose agent has come up. */
export function listNodes(call: Call): NodeRow[] {
  const managed = managedNodes(call);
  const fromEc2 = listInstances(call).filter((instance) => !managed.has(instance.id));
  return [...managed.all(), ...fromEc2.flatMap((instance) => nodeOfInstance(instance, call.now) ?? [])];
}

export function findNode(call: Call, id: string): NodeRow | undefined {
  const managed = managedNodes(call).get(id);
  if (managed !== undefined) return managed;
  const instance = findInstance(call, id);
  return instance === undefined ? undefined : nodeOfInstance(instance, call.now);
}

/** `undefined` without an agent, before it first reported in, and after termination. */
function nodeOfInstance(instance: Instance, now: number): NodeRow | undefined {
  const registeredAt = instance.agentOnlineAt;
  const gone = instance.state === 'terminated' || instance.state === 'shutting-down';
  if (registeredAt === null || now < registeredAt || gone) return undefined;
  return {
    id: instance.id,
    name: instance.tags['Name'] ?? instance.id,
    platform: instance.platform === 'windows' ? 'Windows' : 'Linux',
    ping: instance.ssm.online ? 'Online' : 'ConnectionLost',
    ipAddress: instance.privateIp,
    tags: instance.tags,
    registeredAt,
  };
}
