import type { ReverseReplicationCommandInput } from '@aws-sdk/client-drs';
import type { Call } from '#sim/kernel/contract.ts';
import { conflict, invalid } from './errors.ts';
import { newLaunchConfiguration } from './launch-configuration.ts';
import { initialSync } from './replication-state.ts';
import {
  arnOf,
  getRecoveryInstance,
  getSettings,
  getSourceServer,
  recoveryInstances,
  sourceServers,
  type Replication,
  type SourceServerRow,
} from './rows.ts';

/**
 * Replicates a recovery instance back to where its source came from: a source server with direction FAILBACK appears
 * there (or the one of an earlier round begins anew) and synchronises for hours. There is no job.
 */
export function reverseReplication(call: Call, input: ReverseReplicationCommandInput) {
  getSettings(call);
  const instance = getRecoveryInstance(call, input.recoveryInstanceID);
  const source = getSourceServer(call, instance.sourceServerId);
  if (source.origin === null) {
    throw invalid(`Recovery instance ${instance.id} does not originate from AWS: use StartFailbackLaunch`);
  }
  if (instance.failback !== null) {
    throw conflict(`Recovery instance ${instance.id} already replicates back to its origin`);
  }
  const there = call.world.callFor(source.origin, call.principal);
  const { timing } = getSettings(there);
  const replication = initialSync(there, timing.initialSyncSeconds * timing.scale);
  const reversed = putReversed(there, { source, instanceId: instance.id, replication, from: call });
  recoveryInstances(call).patch(instance.id, {
    failback: { initiatedAt: call.now, readyAt: replication.healsAt ?? call.now },
  });
  sourceServers(call).patch(source.id, { reversedArn: reversed.arn });
  return { reversedDirectionSourceServerArn: reversed.arn };
}

function putReversed(
  there: Call,
  given: { source: SourceServerRow; instanceId: string; replication: Replication; from: Call },
): SourceServerRow {
  const { source, instanceId, replication, from } = given;
  const earlier = sourceServers(there).get(source.reversedArn?.split('/')[1] ?? '');
  if (earlier !== undefined) {
    return sourceServers(there).patch(earlier.id, { originInstanceId: instanceId, replication });
  }
  const id = there.world.newId('s-');
  const { ec2LaunchTemplateID: _, name, ...configuration } = source.launchConfiguration;
  const row: SourceServerRow = {
    ...source,
    id,
    arn: arnOf(there, 'source-server', id),
    originInstanceId: instanceId,
    origin: { accountId: from.accountId, region: from.region, zone: `${from.region}a` },
    stagingAccountId: there.accountId,
    direction: source.direction === 'FAILOVER' ? 'FAILBACK' : 'FAILOVER',
    reversedArn: source.arn,
    addedAt: there.now,
    replication,
    launchConfiguration: newLaunchConfiguration(there, name, {
      ...configuration,
      launchIntoEC2InstanceID: null,
    }),
    lastLaunch: null,
    busyUntil: 0,
    recoveryInstanceId: null,
    fault: { launch: 'ok', left: 0 },
  };
  sourceServers(there).put(id, row);
  return row;
}
