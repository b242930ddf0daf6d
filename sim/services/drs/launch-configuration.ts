import type {
  GetLaunchConfigurationCommandInput,
  GetReplicationConfigurationCommandInput,
  ReplicationConfiguration,
  UpdateLaunchConfigurationCommandInput,
} from '@aws-sdk/client-drs';
import type { Call } from '#sim/kernel/contract.ts';
import { defaultSubnetId } from '#sim/services/ec2/network.ts';
import { invalid } from './errors.ts';
import {
  getSettings,
  getSourceServer,
  sourceServers,
  type LaunchConfiguration,
  type SourceServerRow,
} from './rows.ts';

/** A configuration with a launch template of its own, named after the server as DRS does. */
export function newLaunchConfiguration(
  call: Call,
  hostname: string,
  given: Omit<LaunchConfiguration, 'ec2LaunchTemplateID' | 'name'>,
): LaunchConfiguration {
  return { ec2LaunchTemplateID: call.world.newId('lt-'), name: hostname, ...given };
}

export function getLaunchConfiguration(call: Call, input: GetLaunchConfigurationCommandInput) {
  getSettings(call);
  return launchConfigurationView(getSourceServer(call, input.sourceServerID));
}

/** Changes what is given and leaves the rest. It counts for launches that start later. */
export function updateLaunchConfiguration(call: Call, input: UpdateLaunchConfigurationCommandInput) {
  getSettings(call);
  const server = getSourceServer(call, input.sourceServerID);
  const before = server.launchConfiguration;
  const launchConfiguration: LaunchConfiguration = {
    ec2LaunchTemplateID: before.ec2LaunchTemplateID,
    name: input.name ?? before.name,
    launchDisposition: oneOf(['STARTED', 'STOPPED'], input.launchDisposition ?? before.launchDisposition),
    targetInstanceTypeRightSizingMethod: oneOf(
      ['NONE', 'BASIC', 'IN_AWS'],
      input.targetInstanceTypeRightSizingMethod ?? before.targetInstanceTypeRightSizingMethod,
    ),
    copyPrivateIp: input.copyPrivateIp ?? before.copyPrivateIp,
    copyTags: input.copyTags ?? before.copyTags,
    osByol: input.licensing?.osByol ?? before.osByol,
    postLaunchEnabled: input.postLaunchEnabled ?? before.postLaunchEnabled,
    launchIntoEC2InstanceID:
      input.launchIntoInstanceProperties === undefined
        ? before.launchIntoEC2InstanceID
        : input.launchIntoInstanceProperties.launchIntoEC2InstanceID || null,
  };
  return launchConfigurationView(sourceServers(call).patch(server.id, { launchConfiguration }));
}

/** Read only, and the same for all servers: nothing in the simulation depends on it. */
export function getReplicationConfiguration(
  call: Call,
  input: GetReplicationConfigurationCommandInput,
): ReplicationConfiguration {
  getSettings(call);
  const server = getSourceServer(call, input.sourceServerID);
  return {
    sourceServerID: server.id,
    name: server.hostname,
    stagingAreaSubnetId: defaultSubnetId(call, `${call.region}a`),
    associateDefaultSecurityGroup: true,
    replicationServersSecurityGroupsIDs: [],
    replicationServerInstanceType: 't3.small',
    useDedicatedReplicationServer: false,
    defaultLargeStagingDiskType: 'GP3',
    replicatedDisks: [],
    ebsEncryption: 'DEFAULT',
    bandwidthThrottling: 0,
    dataPlaneRouting: 'PRIVATE_IP',
    createPublicIP: false,
    stagingAreaTags: {},
    pitPolicy: [
      { ruleID: 1, units: 'MINUTE', interval: 10, retentionDuration: 60, enabled: true },
      { ruleID: 2, units: 'HOUR', interval: 1, retentionDuration: 24, enabled: true },
      { ruleID: 3, units: 'DAY', interval: 1, retentionDuration: 7, enabled: true },
    ],
    autoReplicateNewDisks: false,
  };
}

function launchConfigurationView({ id, launchConfiguration }: SourceServerRow) {
  const { osByol, launchIntoEC2InstanceID, ...rest } = launchConfiguration;
  return {
    sourceServerID: id,
    ...rest,
    licensing: { osByol },
    ...(launchIntoEC2InstanceID === null
      ? {}
      : { launchIntoInstanceProperties: { launchIntoEC2InstanceID } }),
  };
}

function oneOf<T extends string>(allowed: readonly T[], value: string): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) {
    throw invalid(
      `Value '${value}' failed to satisfy constraint: Member must satisfy enum value set: [${allowed.join(', ')}]`,
    );
  }
  return found;
}
