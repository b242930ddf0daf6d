import type {
  DeleteRecoveryInstanceCommandInput,
  DescribeRecoveryInstancesCommandInput,
  DisconnectRecoveryInstanceCommandInput,
  EC2InstanceState,
  FailbackState,
  RecoveryInstance,
  RecoveryInstanceProperties,
} from '@aws-sdk/client-drs';
import type { Call } from '#sim/kernel/contract.ts';
import { findInstance } from '#sim/services/ec2/instances.ts';
import { conflict, invalid } from './errors.ts';
import { pageOf } from './pages.ts';
import {
  findRecoveryInstance,
  getRecoveryInstance,
  getSettings,
  recoveryInstances,
  sourceServers,
  type RecoveryInstanceRow,
} from './rows.ts';
import { removeRecoveryInstance } from './terminate-recovery-instances.ts';

/** By ids of recovery instances or of source servers. Unknown ids are left out, without an error. */
export function describeRecoveryInstances(call: Call, input: DescribeRecoveryInstancesCommandInput) {
  getSettings(call);
  const { items, ...more } = pageOf(select(call, input.filters ?? {}), input);
  return { items: items.map((row) => recoveryInstanceView(call, row)), ...more };
}

/** Ends what is between the instance and DRS (failback); needed before DeleteRecoveryInstance. */
export function disconnectRecoveryInstance(call: Call, input: DisconnectRecoveryInstanceCommandInput) {
  getSettings(call);
  const { id } = getRecoveryInstance(call, input.recoveryInstanceID);
  recoveryInstances(call).patch(id, { isDisconnected: true });
  return {};
}

/** Takes a disconnected instance out of DRS. The EC2 instance runs on. */
export function deleteRecoveryInstance(call: Call, input: DeleteRecoveryInstanceCommandInput) {
  getSettings(call);
  const row = getRecoveryInstance(call, input.recoveryInstanceID);
  if (!row.isDisconnected)
    throw conflict(`Recovery instance ${row.id} must be disconnected before it is deleted`);
  removeRecoveryInstance(call, row);
  return {};
}

function select(
  call: Call,
  {
    recoveryInstanceIDs = [],
    sourceServerIDs = [],
  }: NonNullable<DescribeRecoveryInstancesCommandInput['filters']>,
): RecoveryInstanceRow[] {
  if (recoveryInstanceIDs.length > 200 || sourceServerIDs.length > 200) {
    throw invalid('Value in filters failed to satisfy constraint: Member must have length at most 200');
  }
  const isWanted = ({ sourceServerId, since }: RecoveryInstanceRow): boolean =>
    since <= call.now && (sourceServerIDs.length === 0 || sourceServerIDs.includes(sourceServerId));
  if (recoveryInstanceIDs.length > 0) {
    return [...new Set(recoveryInstanceIDs)]
      .flatMap((id) => findRecoveryInstance(call, id) ?? [])
      .filter(isWanted);
  }
  if (sourceServerIDs.length === 0) return recoveryInstances(call).all().filter(isWanted);
  return [...new Set(sourceServerIDs)].flatMap(
    (id) => findRecoveryInstance(call, sourceServers(call).get(id)?.recoveryInstanceId ?? null) ?? [],
  );
}

function recoveryInstanceView(call: Call, row: RecoveryInstanceRow): RecoveryInstance {
  const source = sourceServers(call).get(row.sourceServerId);
  const instance = findInstance(call, row.id);
  return {
    recoveryInstanceID: row.id,
    ec2InstanceID: row.id,
    ec2InstanceState: (instance?.state.toUpperCase() ?? 'NOT_FOUND') as EC2InstanceState,
    arn: row.arn,
    jobID: row.jobId,
    sourceServerID: row.sourceServerId,
    isDrill: row.isDrill,
    pointInTimeSnapshotDateTime: new Date(row.pointInTime).toISOString(),
    tags: { ...row.tags },
    failback: failbackOf(call, row),
    dataReplicationInfo: { dataReplicationState: row.isDisconnected ? 'DISCONNECTED' : 'NOT_STARTED' },
    originEnvironment: source?.origin === null ? 'ON_PREMISES' : 'AWS',
    ...(source?.origin ? { originAvailabilityZone: source.origin.zone } : {}),
    ...(instance === undefined ? {} : { recoveryInstanceProperties: propertiesOf(row, instance, source) }),
  };
}

function failbackOf(
  call: Call,
  { failback }: RecoveryInstanceRow,
): NonNullable<RecoveryInstance['failback']> {
  if (failback === null) return { state: 'FAILBACK_NOT_STARTED' };
  const state: FailbackState =
    call.now < failback.readyAt ? 'FAILBACK_IN_PROGRESS' : 'FAILBACK_READY_FOR_LAUNCH';
  return { state, failbackInitiationTime: new Date(failback.initiatedAt).toISOString() };
}

function propertiesOf(
  row: RecoveryInstanceRow,
  instance: { readonly privateIp: string },
  source: ReturnType<ReturnType<typeof sourceServers>['get']>,
): RecoveryInstanceProperties {
  return {
    lastUpdatedDateTime: new Date(row.since).toISOString(),
    identificationHints: { awsInstanceID: row.id, hostname: source?.hostname ?? row.id },
    networkInterfaces: [{ ips: [instance.privateIp], isPrimary: true }],
    ...(source === undefined ? {} : { ramBytes: source.ramBytes, os: { fullString: source.osName } }),
  };
}
