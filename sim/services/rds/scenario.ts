import { z } from 'zod';
import type { Call } from '#sim/kernel/contract.ts';
import { distinct } from '#sim/services/distinct.ts';
import { clusters, globalClusters, instances, type FailoverBehaviour } from './rows.ts';

const Tags = z.record(z.string(), z.string()).default({});

const behaviour = {
  failover: z.enum(['succeed', 'fail', 'stuck']).default('succeed'),
  failTimes: z.int().min(0).optional(),
  failoverSeconds: z.number().positive().optional(),
};

const Member = z.strictObject({
  id: z.string(),
  class: z.string().default('db.r6g.large'),
  /** Letter of the Availability Zone. Default: a, b, c in turn. */
  zone: z
    .string()
    .regex(/^[a-f]$/)
    .optional(),
  tier: z.int().min(0).max(15).default(1),
  status: z.string().default('available'),
});

const Cluster = z.strictObject({
  id: z.string(),
  engine: z.string().default('aurora-postgresql'),
  engineVersion: z.string().default('15.4'),
  databaseName: z.string().optional(),
  port: z.int().default(5432),
  status: z.string().default('available'),
  /** The first one is the writer. A number makes that many, named `<id>-instance-<n>`. */
  instances: z.union([z.int().min(0).max(16), z.array(Member)]).default(2),
  tags: Tags,
  ...behaviour,
});

const Instance = z.strictObject({
  id: z.string(),
  class: z.string().default('db.m6g.large'),
  engine: z.string().default('postgres'),
  engineVersion: z.string().default('15.4'),
  allocatedStorage: z.int().default(100),
  port: z.int().default(5432),
  zone: z
    .string()
    .regex(/^[a-f]$/)
    .default('a'),
  multiAz: z.boolean().default(false),
  status: z.string().default('available'),
  tags: Tags,
  ...behaviour,
  /** `abandon`: accepted, but AWS does nothing, because a failover has happened shortly before. */
  failover: z.enum(['succeed', 'fail', 'stuck', 'abandon']).default('succeed'),
});

const place = z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/, 'expected region/cluster');

const GlobalCluster = z.strictObject({
  id: z.string(),
  engine: z.string().default('aurora-postgresql'),
  engineVersion: z.string().default('15.4'),
  /** `region/cluster`; the clusters themselves stand in the sections of their Regions. */
  primary: place,
  secondaries: z.array(place).default([]),
  ...behaviour,
});

/** `accounts[].regions.<region>.rds`. Global clusters may stand in the section of any one of their Regions. */
export const RdsSection = z.strictObject({
  clusters: distinct(Cluster, 'id'),
  instances: distinct(Instance, 'id'),
  globalClusters: distinct(GlobalCluster, 'id'),
});
type RdsSection = z.infer<typeof RdsSection>;

export function seed(call: Call, section: RdsSection): void {
  for (const cluster of section.clusters) seedCluster(call, cluster);
  for (const instance of section.instances) seedInstance(call, instance);
  for (const globalCluster of section.globalClusters) seedGlobalCluster(call, globalCluster);
}

function seedCluster(call: Call, given: z.infer<typeof Cluster>): void {
  const id = given.id.toLowerCase();
  const members = membersOf(id, given.instances);
  members.forEach((member, index) => {
    const zone = member.zone ?? 'abc'[index % 3]!;
    instances(call).put(member.id, {
      ...common(call, 'db', member.id, given),
      resourceId: call.world.newId('db-', 26).toUpperCase(),
      clusterId: id,
      instanceClass: member.class,
      allocatedStorage: 1,
      status: member.status,
      availabilityZone: `${call.region}${zone}`,
      secondaryZone: null,
      multiAz: false,
    });
  });
  clusters(call).put(id, {
    ...common(call, 'cluster', id, given),
    resourceId: call.world.newId('cluster-', 26).toUpperCase(),
    databaseName: given.databaseName ?? null,
    status: given.status,
    writer: members[0]?.id ?? null,
    members: members.map((member) => ({ instanceId: member.id, promotionTier: member.tier })),
  });
}

function membersOf(clusterId: string, given: number | z.infer<typeof Member>[]): z.infer<typeof Member>[] {
  const list = Array.isArray(given)
    ? given
    : Array.from({ length: given }, (_, index) => Member.parse({ id: `${clusterId}-instance-${index + 1}` }));
  return list.map((member) => ({ ...member, id: member.id.toLowerCase() }));
}

function seedInstance(call: Call, given: z.infer<typeof Instance>): void {
  const id = given.id.toLowerCase();
  instances(call).put(id, {
    ...common(call, 'db', id, given),
    resourceId: call.world.newId('db-', 26).toUpperCase(),
    clusterId: null,
    instanceClass: given.class,
    allocatedStorage: given.allocatedStorage,
    status: given.status,
    availabilityZone: `${call.region}${given.zone}`,
    secondaryZone: given.multiAz ? `${call.region}${given.zone === 'a' ? 'b' : 'a'}` : null,
    multiAz: given.multiAz,
  });
}

function seedGlobalCluster(call: Call, given: z.infer<typeof GlobalCluster>): void {
  const id = given.id.toLowerCase();
  const arnOf = (at: string): string => `arn:aws:rds:${at.replace('/', `:${call.accountId}:cluster:`)}`;
  globalClusters(call).put(id, {
    id,
    arn: `arn:aws:rds::${call.accountId}:global-cluster:${id}`,
    resourceId: call.world.newId('cluster-', 16),
    engine: given.engine,
    engineVersion: given.engineVersion,
    status: 'available',
    writerArn: arnOf(given.primary),
    members: [given.primary, ...given.secondaries].map((at) => ({
      clusterArn: arnOf(at),
      synchronization: 'connected',
    })),
    failoverState: null,
    createdAt: call.now,
    behaviour: behaviourOf(given),
  });
}

interface Described {
  readonly engine: string;
  readonly engineVersion: string;
  readonly port: number;
  readonly tags: Record<string, string>;
  readonly failover: FailoverBehaviour['failover'];
  readonly failTimes?: number | undefined;
  readonly failoverSeconds?: number | undefined;
}

function common(call: Call, type: 'cluster' | 'db', id: string, given: Described) {
  return {
    id,
    arn: `arn:aws:rds:${call.region}:${call.accountId}:${type}:${id}`,
    engine: given.engine,
    engineVersion: given.engineVersion,
    port: given.port,
    tags: given.tags,
    createdAt: call.now,
    behaviour: behaviourOf(given),
  };
}

function behaviourOf(
  given: Pick<Described, 'failover' | 'failTimes' | 'failoverSeconds'>,
): FailoverBehaviour {
  return {
    failover: given.failover,
    failTimes: given.failTimes ?? null,
    failoverSeconds: given.failoverSeconds ?? null,
  };
}
