import type { Handlers, ServiceDefinition } from '#sim/kernel/contract.ts';
import { describeJobLogItems } from './describe-job-log-items.ts';
import { deleteJob, describeJobs } from './describe-jobs.ts';
import { initializeService } from './initialize-service.ts';
import {
  getLaunchConfiguration,
  getReplicationConfiguration,
  updateLaunchConfiguration,
} from './launch-configuration.ts';
import { launchStep } from './launch-steps.ts';
import { appliedQuotas } from './quotas.ts';
import {
  deleteRecoveryInstance,
  describeRecoveryInstances,
  disconnectRecoveryInstance,
} from './recovery-instances.ts';
import { deleteSourceServer, disconnectSourceServer } from './remove-source-servers.ts';
import { startReplication, stopReplication } from './replication.ts';
import { reverseReplication } from './reverse-replication.ts';
import { DrsSection, seed } from './scenario.ts';
import { describeReplicationConfigurationTemplates } from './replication-templates.ts';
import { describeRecoverySnapshots } from './snapshots.ts';
import { describeSourceServers } from './source-servers.ts';
import { startRecovery } from './start-recovery.ts';
import { listTagsForResource, taggedResources, tagResource, untagResource } from './tags.ts';
import {
  beginTermination,
  endTermination,
  terminateRecoveryInstances,
} from './terminate-recovery-instances.ts';

export const service: ServiceDefinition = {
  name: 'drs',
  operations: {
    DeleteJob: deleteJob,
    DeleteRecoveryInstance: deleteRecoveryInstance,
    DeleteSourceServer: deleteSourceServer,
    DescribeJobLogItems: describeJobLogItems,
    DescribeJobs: describeJobs,
    DescribeRecoveryInstances: describeRecoveryInstances,
    DescribeRecoverySnapshots: describeRecoverySnapshots,
    DescribeReplicationConfigurationTemplates: describeReplicationConfigurationTemplates,
    DescribeSourceServers: describeSourceServers,
    DisconnectRecoveryInstance: disconnectRecoveryInstance,
    DisconnectSourceServer: disconnectSourceServer,
    GetLaunchConfiguration: getLaunchConfiguration,
    GetReplicationConfiguration: getReplicationConfiguration,
    InitializeService: initializeService,
    ListTagsForResource: listTagsForResource,
    ReverseReplication: reverseReplication,
    StartRecovery: startRecovery,
    StartReplication: startReplication,
    StopReplication: stopReplication,
    TagResource: tagResource,
    TerminateRecoveryInstances: terminateRecoveryInstances,
    UntagResource: untagResource,
    UpdateLaunchConfiguration: updateLaunchConfiguration,
  } satisfies Handlers<typeof import('@aws-sdk/client-drs')>,
  agenda: { beginTermination, endTermination, launchStep },
  scenario: DrsSection,
  seed,
  quotas: appliedQuotas,
  taggedResources,
};
