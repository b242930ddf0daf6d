import type { AwsTarget } from '#aws/aws.ts';
import { isBreakwaterError, reportOf } from '#core/errors.ts';
import type { SourceServer } from './views.ts';

/** A source server with the tags of the EC2 instance that it replicates. */
export interface TaggedServer {
  readonly server: SourceServer;
  readonly instanceId: string | null;
  readonly tags: Readonly<Record<string, string>>;
  /** Why its instance's tags are not known; then there are none. */
  readonly problem: { readonly outcome: 'failed' | 'skipped'; readonly reason: string } | null;
}

/** AWS's own tags, which nobody else may set, and those by which DRS knows what it has made. */
const RESERVED = /^(aws:|AWSElasticDisasterRecovery)/i;
/** DescribeInstances takes 200 values in a filter. */
const MOST_IDS = 200;

/**
 * Reads the instances where they live: in the origin account and Region of each server. A place that cannot be read is a problem
 * of its servers alone.
 */
export async function findInstanceTags(
  servers: readonly SourceServer[],
  targetAt: (accountId: string | undefined, region: string) => AwsTarget,
  signal: AbortSignal,
): Promise<TaggedServer[]> {
  const byOrigin = Map.groupBy(servers, (server) => {
    const { originAccountID = '', originRegion = '' } = server.sourceCloudProperties ?? {};
    return instanceIdOf(server) === null || originRegion === '' ? '' : `${originAccountID}/${originRegion}`;
  });
  const found: TaggedServer[] = [];
  for (const [origin, some] of byOrigin) {
    const [accountId, region] = origin.split('/') as [string, string];
    found.push(
      ...(origin === ''
        ? some.map((server) => unknown(server, 'skipped', 'it replicates no EC2 instance'))
        : await readOrigin(some, targetAt(accountId || undefined, region), signal)),
    );
  }
  return found;
}

async function readOrigin(
  servers: readonly SourceServer[],
  target: AwsTarget,
  signal: AbortSignal,
): Promise<TaggedServer[]> {
  const tagsOf = new Map<string, Record<string, string>>();
  try {
    for (let i = 0; i < servers.length; i += MOST_IDS) {
      const Values = servers.slice(i, i + MOST_IDS).map((server) => instanceIdOf(server)!);
      // By a filter: asked for by id, one that is not there would hide all others.
      const instances = await target.ec2.describeInstances(
        { Filters: [{ Name: 'instance-id', Values }] },
        signal,
      );
      for (const { InstanceId = '', Tags = [] } of instances)
        tagsOf.set(InstanceId, Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value])));
    }
  } catch (error) {
    if (signal.aborted || !isBreakwaterError(error)) throw error;
    const { code, message } = reportOf(error);
    return servers.map((server) => unknown(server, 'failed', `${code}: ${message}`));
  }
  return servers.map((server) => {
    const instanceId = instanceIdOf(server)!;
    const tags = tagsOf.get(instanceId);
    if (tags !== undefined) return { server, instanceId, tags, problem: null };
    return unknown(server, 'skipped', `instance ${instanceId} is not in ${target.region} any more`);
  });
}

function unknown(server: SourceServer, outcome: 'failed' | 'skipped', reason: string): TaggedServer {
  return { server, instanceId: instanceIdOf(server), tags: {}, problem: { outcome, reason } };
}

function instanceIdOf({ sourceProperties }: SourceServer): string | null {
  return sourceProperties?.identificationHints?.awsInstanceID || null;
}

/** What to set and to take away, so that a server has its instance's tags. */
export function tagChangeOf(
  has: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
  removeOthers: boolean,
): { set: Record<string, string>; remove: string[] } {
  const set = Object.entries(wanted).filter(([key, value]) => !RESERVED.test(key) && has[key] !== value);
  const others = Object.keys(has).filter((key) => !RESERVED.test(key) && wanted[key] === undefined);
  return { set: Object.fromEntries(set), remove: removeOthers ? others.toSorted() : [] };
}
