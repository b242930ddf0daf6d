import { z } from 'zod';
import type { Call } from '#sim/kernel/contract.ts';
import { randomOf } from '#sim/kernel/random.ts';
import { newLaunchConfiguration } from './launch-configuration.ts';
import { arnOf, putSettings, sourceServers, type Replication, type SourceServerRow } from './rows.ts';
import { Settings } from './settings.ts';

const GIB = 1024 ** 3;
const DAY_MS = 86_400_000;

const STATES = [
  'STOPPED',
  'INITIATING',
  'INITIAL_SYNC',
  'BACKLOG',
  'CREATING_SNAPSHOT',
  'CONTINUOUS',
  'PAUSED',
  'RESCAN',
  'STALLED',
  'DISCONNECTED',
] as const;

const ReplicationDetails = z.strictObject({
  state: z.enum(STATES).default('CONTINUOUS'),
  lagSeconds: z.number().min(0).optional(),
  error: z.string().optional(),
  /** STALLED from so long after the start. */
  stallsAfterSeconds: z.number().min(0).optional(),
  /** CONTINUOUS without lag from so long after the start. */
  healsAfterSeconds: z.number().min(0).optional(),
});

/** A state, or a state with details. */
const ReplicationGiven = z
  .union([z.enum(STATES).transform((state) => ReplicationDetails.parse({ state })), ReplicationDetails])
  .prefault('CONTINUOUS');

const LaunchSettings = z.strictObject({
  launchDisposition: z.enum(['STARTED', 'STOPPED']).default('STARTED'),
  targetInstanceTypeRightSizingMethod: z.enum(['NONE', 'BASIC', 'IN_AWS']).default('BASIC'),
  copyPrivateIp: z.boolean().default(false),
  copyTags: z.boolean().default(true),
  postLaunchEnabled: z.boolean().default(false),
  osByol: z.boolean().default(false),
  launchIntoEC2InstanceID: z.string().nullable().default(null),
});

/** What servers have in common, whether listed one by one or generated. */
const traits = {
  tags: z.record(z.string(), z.string()).default({}),
  os: z.enum(['linux', 'windows']).default('linux'),
  /** GiB of each disk; a number of disks makes them 8 GiB each. */
  disks: z.union([z.int().min(1).max(24), z.array(z.number().positive()).min(1).max(24)]).default(1),
  instanceType: z.string().default('c5.large'),
  cores: z.int().min(1).default(2),
  ramGib: z.number().positive().default(4),
  replication: ReplicationGiven,
  launchConfiguration: LaunchSettings.prefault({}),
  /** What launches of this server do; with `times`, so often, and `ok` afterwards. */
  launch: z.enum(['ok', 'fail-conversion', 'fail-launch', 'stuck']).default('ok'),
  times: z.int().min(1).optional(),
  /** How its recovery instances behave. */
  recovered: z
    .strictObject({
      ssmAgent: z.enum(['online', 'offline']).default('online'),
      checks: z.enum(['ok', 'impaired']).default('ok'),
    })
    .prefault({}),
  originRegion: z.string().optional(),
  originAccountId: z.string().optional(),
  /** An account whose agents feed this server (an extended source server). */
  stagingAccountId: z.string().optional(),
  addedDaysAgo: z.number().min(0).default(30),
};

const Server = z.strictObject({
  id: z
    .string()
    .regex(/^s-[0-9a-zA-Z]{17}$/)
    .optional(),
  hostname: z.string(),
  /** The replicated EC2 instance. Default: none, a server outside AWS, unless `originRegion` is given. */
  instanceId: z.string().optional(),
  privateIp: z.string().optional(),
  ...traits,
});

const Generate = z.strictObject({
  count: z.int().min(1).max(4000),
  /** Hostnames are this and a number from 1, with leading zeros. */
  hostnamePrefix: z.string().default('server-'),
  ...traits,
});

function hasDistinctIds(listed: readonly { readonly id?: string | undefined }[]): boolean {
  const ids = listed.flatMap(({ id }) => id ?? []);
  return new Set(ids).size === ids.length;
}

/** `accounts[].regions.<region>.drs`, in the Region that servers are recovered to. */
export const DrsSection = Settings.extend({
  sourceServers: z.array(Server).refine(hasDistinctIds, 'expected each id once').default([]),
  generate: z.union([Generate.transform((one) => [one]), z.array(Generate)]).default([]),
});
type DrsSection = z.infer<typeof DrsSection>;
type Traits = Omit<z.infer<typeof Generate>, 'count' | 'hostnamePrefix'>;

export function seed(call: Call, { sourceServers: listed, generate, ...settings }: DrsSection): void {
  putSettings(call, settings);
  for (const server of listed) addServer(call, server);
  for (const { count, hostnamePrefix, ...common } of generate) {
    const digits = String(count).length;
    for (let n = 1; n <= count; n++) {
      addServer(call, { ...common, hostname: `${hostnamePrefix}${String(n).padStart(digits, '0')}` });
    }
  }
}

function addServer(
  call: Call,
  given: Traits & { hostname: string } & Partial<
      Pick<z.infer<typeof Server>, 'id' | 'instanceId' | 'privateIp'>
    >,
): void {
  const id = given.id ?? call.world.newId('s-');
  const row: SourceServerRow = {
    id,
    arn: arnOf(call, 'source-server', id),
    tags: given.tags,
    hostname: given.hostname,
    os: given.os,
    osName:
      given.os === 'windows'
        ? 'Windows Server 2019 Datacenter'
        : 'Linux version 5.10.157-139.675.amzn2.x86_64',
    diskBytes: (Array.isArray(given.disks) ? given.disks : Array.from({ length: given.disks }, () => 8)).map(
      (gib) => gib * GIB,
    ),
    cores: given.cores,
    ramBytes: given.ramGib * GIB,
    instanceType: given.instanceType,
    privateIp: given.privateIp ?? privateIpOf(call, id),
    ...originOf(call, given),
    stagingAccountId: given.stagingAccountId ?? call.accountId,
    direction: 'FAILOVER',
    reversedArn: null,
    addedAt: call.now - given.addedDaysAgo * DAY_MS,
    replication: replicationOf(call, given),
    launchConfiguration: newLaunchConfiguration(call, given.hostname, given.launchConfiguration),
    lastLaunch: null,
    busyUntil: 0,
    recoveryInstanceId: null,
    fault: {
      launch: given.launch,
      left: given.launch === 'ok' ? 0 : (given.times ?? Number.MAX_SAFE_INTEGER),
    },
    recovered: given.recovered,
  };
  sourceServers(call).put(id, row);
}

function originOf(
  call: Call,
  given: Pick<Traits, 'originRegion' | 'originAccountId'> & { instanceId?: string | undefined },
): Pick<SourceServerRow, 'originInstanceId' | 'origin'> {
  if (given.originRegion === undefined && given.instanceId === undefined)
    return { originInstanceId: null, origin: null };
  const region = given.originRegion ?? call.region;
  return {
    originInstanceId: given.instanceId ?? call.world.newId('i-'),
    origin: { accountId: given.originAccountId ?? call.accountId, region, zone: `${region}a` },
  };
}

function replicationOf(call: Call, { replication, addedDaysAgo }: Traits): Replication {
  const { state, lagSeconds, error } = replication;
  const after = (seconds: number | undefined): number | null =>
    seconds === undefined ? null : call.now + seconds * 1000;
  const healsAt = after(replication.healsAfterSeconds);
  const hasNone = state === 'STOPPED' || state === 'INITIATING' || state === 'INITIAL_SYNC';
  return {
    state,
    lagSeconds: lagSeconds ?? (state === 'CONTINUOUS' || hasNone ? 0 : 3600),
    since: call.now,
    error: error ?? (state === 'STALLED' ? 'NOT_CONVERGING' : null),
    stallsAt: after(replication.stallsAfterSeconds),
    healsAt,
    snapshotsSince: hasNone ? healsAt : call.now - addedDaysAgo * DAY_MS,
  };
}

function privateIpOf(call: Call, id: string): string {
  const draw = randomOf(call.world.seed, `drs.address/${call.accountId}/${id}`);
  return `172.${16 + Math.floor(draw.next() * 16)}.${Math.floor(draw.next() * 256)}.${4 + Math.floor(draw.next() * 250)}`;
}
