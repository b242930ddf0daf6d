import type { QuotaUse } from '#control/drs/quota-use.ts';
import { AccountId, Region } from '#core/plan.ts';
import { z } from 'zod';
import { NextCursor, PageQuery, Timestamp } from './common.ts';

/** DRS as answers carry it. Types and states are AWS's own words, and may be new ones. */

const place = {
  accountId: AccountId.optional().describe('Default: the account of the caller of AWS'),
  region: Region.optional().describe('Default: the configured Region'),
};
export const Place = z.strictObject(place);
export const PlacePage = PageQuery.extend(place);
export const SourceServerId = z
  .string()
  .regex(/^s-[0-9a-zA-Z]{17}$/, 'expected s- and 17 letters and digits');
export const JobId = z
  .string()
  .regex(/^drsjob-[0-9a-zA-Z]{17}$/, 'expected drsjob- and 17 letters and digits');
export const RecoveryInstanceId = z.string().regex(/^i-[0-9a-f]{17}$/, 'expected i- and 17 hex digits');
const TagMap = z.record(z.string(), z.string());
const Duration = z.string().describe('ISO 8601 duration');

const sourceServer = {
  sourceServerId: z.string(),
  arn: z.string().optional(),
  name: z.string(),
  hostname: z.string().optional(),
  sourceInstanceId: z.string().optional().describe('The EC2 instance that is replicated, if it is one'),
  originAccountId: z.string().optional(),
  originRegion: z.string().optional(),
  os: z.string().optional(),
  recommendedInstanceType: z.string().optional(),
  tags: TagMap,
  replication: z.object({
    state: z.string().describe('`CONTINUOUS`, `STALLED` …'),
    lag: Duration.optional(),
    eta: Timestamp.optional(),
    error: z.string().optional(),
    lastSeenAt: Timestamp.optional(),
  }),
  replicationDirection: z.string().optional(),
  lastLaunch: z
    .object({
      result: z.string(),
      jobId: z.string().optional(),
      type: z.string().optional(),
      startedAt: Timestamp.optional(),
    })
    .optional(),
  recoveryInstanceId: z.string().optional(),
};
const SourceServer = z.object(sourceServer).meta({ id: 'SourceServer' });
export const SourceServerList = z.object({
  sourceServers: z.array(SourceServer),
  nextCursor: NextCursor,
});

const bytes = z.number().int().optional();
export const SourceServerDetailsShape = z
  .object({
    ...sourceServer,
    disks: z.array(
      z.object({
        deviceName: z.string(),
        totalBytes: bytes,
        replicatedBytes: bytes,
        rescannedBytes: bytes,
        backlogBytes: bytes,
      }),
    ),
    initiationSteps: z.array(z.object({ name: z.string(), status: z.string() })),
  })
  .meta({ id: 'SourceServerDetails' });

const launchConfiguration = {
  name: z.string().min(1).max(128).optional().describe('Left out in a change: it stays'),
  launchDisposition: z.enum(['STARTED', 'STOPPED']),
  targetInstanceTypeRightSizingMethod: z.enum(['NONE', 'BASIC', 'IN_AWS']),
  copyPrivateIp: z.boolean(),
  copyTags: z.boolean(),
  osByol: z.boolean().describe('Bring your own licence'),
  postLaunchEnabled: z.boolean(),
  launchIntoEc2InstanceId: z
    .string()
    .regex(/^i-[0-9a-zA-Z]{17}$/, 'expected i- and 17 letters and digits')
    .optional()
    .describe('Launches into this instance; left out: into a new one'),
};
export const LaunchConfigurationBody = z.strictObject({
  ...launchConfiguration,
  osByol: launchConfiguration.osByol.default(false),
  postLaunchEnabled: launchConfiguration.postLaunchEnabled.default(false),
});
export const LaunchConfigurationShape = z
  .object({
    ...launchConfiguration,
    sourceServerId: z.string(),
    ec2LaunchTemplateId: z.string().optional(),
    // What is there already need not be what may be set.
    name: z.string().optional(),
    launchIntoEc2InstanceId: z.string().optional(),
  })
  .meta({ id: 'LaunchConfiguration' });

export const JobShape = z
  .object({
    jobId: z.string(),
    type: z.string(),
    initiatedBy: z.string().optional(),
    status: z.string(),
    startedAt: Timestamp.optional(),
    endedAt: Timestamp.optional(),
    servers: z.array(
      z.object({
        sourceServerId: z.string(),
        recoveryInstanceId: z.string().optional(),
        launchStatus: z.string().optional(),
      }),
    ),
    tags: TagMap,
    executionId: z.string().optional().describe('The execution that has started it, if one has'),
  })
  .meta({ id: 'DrsJob' });
export const JobList = z.object({ jobs: z.array(JobShape), nextCursor: NextCursor });

export const JobLog = z.object({
  jobLog: z.array(
    z
      .object({
        at: Timestamp,
        event: z.string(),
        sourceServerId: z.string().optional(),
        conversionServerId: z.string().optional(),
        targetInstanceId: z.string().optional(),
        error: z.string().optional(),
      })

      .meta({ id: 'DrsJobLogItem' }),
  ),
});

const RecoveryInstance = z
  .object({
    recoveryInstanceId: z.string(),
    ec2InstanceId: z.string().optional(),
    ec2InstanceState: z.string().optional(),
    sourceServerId: z.string().optional(),
    jobId: z.string().optional(),
    isDrill: z.boolean(),
    pointInTime: Timestamp.optional().describe('The state of the source that it was launched from'),
    tags: TagMap,
  })
  .meta({ id: 'RecoveryInstance' });
export const RecoveryInstanceList = z.object({
  recoveryInstances: z.array(RecoveryInstance),
  nextCursor: NextCursor,
});

const count = z.int().min(0);
export const TagSyncShape = z
  .object({
    runId: z.string(),
    status: z
      .enum(['running', 'completed', 'completed_with_failures', 'failed', 'interrupted'])
      .describe('`interrupted`: the server was stopped before the run ended; ask for it again'),
    dryRun: z.boolean(),
    removeOthers: z.boolean(),
    accountId: z.string().optional(),
    region: z.string(),
    startedBy: z.string(),
    startedAt: Timestamp,
    completedAt: Timestamp.optional(),
    counts: z.object({ total: count, unchanged: count, changed: count, failed: count, skipped: count }),
    servers: z
      .array(
        z.object({
          sourceServerId: z.string(),
          sourceInstanceId: z.string().optional(),
          outcome: z.enum(['changed', 'failed', 'skipped']),
          set: TagMap,
          remove: z.array(z.string()),
          reason: z.string().optional(),
        }),
      )
      .describe('All but the unchanged ones; in a dry run `changed` says what would change'),
    truncated: z.boolean().describe('There are more servers than are listed'),
    error: z.object({ code: z.string(), message: z.string() }).optional(),
  })
  .meta({ id: 'TagSync' });

export const QuotasShape = z.object({
  region: z.string(),
  quotas: z.array(
    z
      .object({
        code: z.string(),
        name: z.string(),
        limit: z.number(),
        source: z
          .enum(['account', 'published'])
          .describe('`account`: as Service Quotas says it; `published`: it does not say'),
        used: count,
      })
      .meta({ id: 'DrsQuota' }) satisfies z.ZodType<QuotaUse>,
  ),
});
