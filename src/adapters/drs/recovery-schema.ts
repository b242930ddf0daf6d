import { z } from 'zod';
import { Duration, Tags } from '#core/plan.ts';

const Id = z.string().min(1).max(128);
const SourceServerId = z.string().regex(/^s-[0-9a-f]{17}$/, 'expected s- and 17 hex digits');
const SnapshotId = z.string().regex(/^pit-[0-9a-zA-Z]{17}$/, 'expected pit- and 17 characters');

export const SELECTS_NOTHING =
  'expected protectionGroups, sourceServerIds or tags: something that selects servers';

/** `technology.resources` of `drs/recovery`. Several selections add up; a server counts once. */
export const RecoveryResources = z
  .strictObject({
    /** The specification's name for the set. A label here: it is kept in the results. */
    recoveryPlanId: Id.optional(),
    /** Ids of the plan's or stored protection groups; else of servers tagged `ProtectionGroup: <id>`. */
    protectionGroups: z.array(Id).min(1).optional(),
    sourceServerIds: z.array(SourceServerId).min(1).optional(),
    /** Servers that carry all these tags. */
    tags: Tags.optional(),
  })
  .refine(({ protectionGroups, sourceServerIds, tags }) => protectionGroups ?? sourceServerIds ?? tags, {
    message: SELECTS_NOTHING,
  });
export type RecoveryResources = z.infer<typeof RecoveryResources>;

const LaunchConfiguration = z.strictObject({
  launchDisposition: z.enum(['STARTED', 'STOPPED']).optional(),
  targetInstanceTypeRightSizingMethod: z.enum(['NONE', 'BASIC', 'IN_AWS']).optional(),
  copyPrivateIp: z.boolean().optional(),
  copyTags: z.boolean().optional(),
  osByol: z.boolean().optional(),
  postLaunchEnabled: z.boolean().optional(),
});
export type LaunchConfiguration = z.infer<typeof LaunchConfiguration>;

/** Which state of the disks to launch from. */
const PointInTime = z.union([
  /** A snapshot taken now, of the latest data. */
  z.literal('latest'),
  /** The newest snapshot that is not later than this. */
  z.strictObject({ notAfter: z.iso.datetime({ offset: true }) }),
  /** The newest snapshot that is at least this old. */
  z.strictObject({ age: Duration }),
  /** By source server; servers that are not named take the latest data. */
  z.strictObject({ snapshotIds: z.record(SourceServerId, SnapshotId) }),
]);
export type PointInTime = z.infer<typeof PointInTime>;

/** `technology.parameters` of `drs/recovery`, unless an existing solution is driven. */
export const RecoveryParameters = z.strictObject({
  /** Breakwater calls DRS itself. */
  integration: z.literal('native').default('native'),
  /** Set on every server before it is launched. */
  launchConfiguration: LaunchConfiguration.optional(),
  pointInTime: PointInTime.default('latest'),
  /** A server whose replication lags more than this must not be launched. */
  maxLag: Duration.optional(),
  /** Servers in one job, at most; the account's quota caps it. */
  batchSize: z.int().min(1).max(200).optional(),
  /** Launch servers that have a recovery instance already: DRS replaces it. */
  allowRelaunch: z.boolean().default(false),
});
export type RecoveryParameters = z.infer<typeof RecoveryParameters>;
