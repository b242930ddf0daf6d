import type {
  RebootDBInstanceCommandInput,
  StartDBInstanceCommandInput,
  StopDBInstanceCommandInput,
} from '@aws-sdk/client-rds';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';
import { instanceView } from './describe-db-instances.ts';
import { emit } from './events.ts';
import { acceptFailover } from './failovers.ts';
import { getInstance, instances, type FailoverRow, type InstanceRow } from './rows.ts';

interface RebootStep {
  readonly instanceId: string;
  readonly swapsZones: boolean;
  readonly outcome: FailoverRow['outcome'];
}

/** With `ForceFailover` the standby takes over and the two Availability Zones change places. */
export function rebootDBInstance(call: Call, input: RebootDBInstanceCommandInput) {
  const instance = getInstance(call, input.DBInstanceIdentifier);
  assertStatus(instance, ['available', 'storage-optimization', 'incompatible-parameters']);
  const forceFailover = input.ForceFailover === true;
  if (forceFailover && !instance.multiAz) {
    throw new ServiceError(
      'InvalidParameterCombination',
      'The specified DB Instance is not a Multi-AZ deployment: cannot force failover.',
      { httpStatus: 400 },
    );
  }
  const { outcome, seconds } = forceFailover ? accept(call, instance) : plainReboot(call, instance);
  const abandoned = outcome === 'abandon';
  if (forceFailover) emit(call, instance, abandoned ? '0034' : '0013');
  if (outcome !== 'stuck') {
    const data: RebootStep = {
      instanceId: instance.id,
      swapsZones: forceFailover && outcome === 'succeed',
      outcome,
    };
    const at = call.now + Math.round(seconds * 1_000);
    call.world.later(call, { at, service: 'rds', kind: 'endReboot', data });
  }
  const changed = instances(call).patch(instance.id, { status: abandoned ? instance.status : 'rebooting' });
  return { DBInstance: instanceView(call, changed) };
}

function accept(call: Call, instance: InstanceRow): FailoverRow {
  return acceptFailover(
    call,
    { kind: 'instance', resource: instance.id, from: instance.availabilityZone, to: instance.secondaryZone },
    {
      behaviour: instance.behaviour,
      drawSeconds: (id) => call.world.random(`rds.reboot/${id}`).uniform(60, 120),
    },
  );
}

function plainReboot(
  call: Call,
  instance: InstanceRow,
): { outcome: FailoverRow['outcome']; seconds: number } {
  const nth = call.world.count(`rds.reboot/${instance.arn}`);
  return {
    outcome: 'succeed',
    seconds: call.world.random(`rds.reboot/${instance.arn}/${nth}`).uniform(20, 60),
  };
}

export function endReboot(call: Call, { instanceId, swapsZones, outcome }: RebootStep): void {
  const before = getInstance(call, instanceId);
  const instance = instances(call).patch(instanceId, {
    status: 'available',
    ...(swapsZones && before.secondaryZone !== null
      ? { availabilityZone: before.secondaryZone, secondaryZone: before.availabilityZone }
      : {}),
  });
  if (outcome === 'abandon') return;
  emit(call, instance, '0006');
  if (swapsZones) emit(call, instance, '0049');
  else if (outcome === 'fail') emit(call, instance, '0065');
}

export function stopDBInstance(call: Call, input: StopDBInstanceCommandInput) {
  const instance = getInstance(call, input.DBInstanceIdentifier);
  assertStatus(instance, ['available']);
  return transit(call, instance, { via: 'stopping', to: 'stopped' });
}

export function startDBInstance(call: Call, input: StartDBInstanceCommandInput) {
  const instance = getInstance(call, input.DBInstanceIdentifier);
  assertStatus(instance, ['stopped']);
  return transit(call, instance, { via: 'starting', to: 'available' });
}

function transit(call: Call, instance: InstanceRow, { via, to }: { via: string; to: string }) {
  if (instance.clusterId !== null) {
    throw new ServiceError(
      'InvalidDBClusterStateFault',
      `DB instance ${instance.id} belongs to DB cluster ${instance.clusterId}: start or stop the cluster.`,
    );
  }
  const nth = call.world.count(`rds.transit/${instance.arn}`);
  const seconds = call.world.random(`rds.transit/${instance.arn}/${nth}`).lognormal(240, 0.25);
  call.world.later(call, {
    at: call.now + Math.round(seconds * 1_000),
    service: 'rds',
    kind: 'endTransit',
    data: { instanceId: instance.id, to },
  });
  return { DBInstance: instanceView(call, instances(call).patch(instance.id, { status: via })) };
}

export function endTransit(call: Call, { instanceId, to }: { instanceId: string; to: string }): void {
  const instance = instances(call).patch(instanceId, { status: to });
  emit(call, instance, to === 'stopped' ? '0087' : '0088');
}

function assertStatus(instance: InstanceRow, allowed: readonly string[]): void {
  if (allowed.includes(instance.status)) return;
  throw new ServiceError(
    'InvalidDBInstanceStateFault',
    `Instance ${instance.id} is not in ${allowed[0]} state: its status is ${instance.status}.`,
  );
}
