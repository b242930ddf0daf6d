import type { Aws, AwsTarget } from '#aws/aws.ts';
import type { DiscoveredResource, DiscoveryAnswer, DiscoveryQuery } from '#core/discovery.ts';
import { DR_TAGS, hasTags, readDrTags, TECHNOLOGY_TYPES, type TechnologyType } from '#core/tags.ts';

/**
 * The specification's discovery: what carries the tags, grouped by technology. DRS source servers come from DRS itself: the
 * tagging API does not know them. Everything else comes from the tagging API, whose answers can be stale or empty-tagged:
 * tags are checked again here.
 */
export async function discover(aws: Aws, query: DiscoveryQuery): Promise<DiscoveryAnswer> {
  const { tags, technologies = TECHNOLOGY_TYPES } = query.discoveryQuery;
  const target = aws.for({ accountId: query.accountId, region: query.region });
  const found = [
    ...(technologies.includes('drs') ? await sourceServers(target) : []),
    ...(technologies.some((technology) => technology !== 'drs') ? await taggedResources(target, tags) : []),
  ].filter((resource) => hasTags(resource.tags, tags) && technologies.includes(resource.technology));
  const warnings = found.flatMap(({ resourceId, tags: own }) => {
    const { values, problems } = readDrTags(own);
    const disabled =
      own[DR_TAGS.enabled] !== undefined && !values.enabled ? [`${DR_TAGS.enabled} is not true`] : [];
    return [...problems, ...disabled].map((problem) => `${resourceId}: ${problem}`);
  });
  return {
    discoveryQuery: query.discoveryQuery,
    discoveredResources: Object.fromEntries(
      technologies.map((type) => [
        type,
        found.filter(({ technology }) => technology === type).map(({ resourceId }) => resourceId),
      ]),
    ),
    details: found,
    warnings,
  };
}

async function sourceServers({ drs }: AwsTarget): Promise<DiscoveredResource[]> {
  const servers = await drs.describeSourceServers({ filters: {} });
  return servers.map((server) => ({
    resourceId: server.sourceServerID!,
    technology: 'drs',
    kind: 'drs:source-server',
    tags: server.tags ?? {},
    ...(server.arn === undefined ? {} : { arn: server.arn }),
  }));
}

async function taggedResources(
  { tagging }: AwsTarget,
  tags: Readonly<Record<string, string>>,
): Promise<DiscoveredResource[]> {
  const mappings = await tagging.getResources({
    TagFilters: Object.entries(tags).map(([Key, Value]) => ({ Key, Values: [Value] })),
  });
  return mappings.flatMap(({ ResourceARN: arn, Tags = [] }) => {
    if (arn === undefined) return [];
    const own = Object.fromEntries(Tags.map(({ Key, Value }) => [Key!, Value ?? '']));
    const kind = kindOf(arn);
    const technology = readDrTags(own).values.technology ?? TECHNOLOGY_OF[kind];
    return technology === undefined || technology === 'drs'
      ? []
      : [{ resourceId: idOf(arn), technology, kind, arn, tags: own }];
  });
}

/** What a resource is for when no `DR-Technology` tag says so. */
const TECHNOLOGY_OF: Readonly<Record<string, TechnologyType>> = {
  'rds:cluster': 'database',
  'rds:db': 'database',
  'rds:global-cluster': 'database',
  'ec2:instance': 'application',
  'lambda:function': 'application',
  'elasticloadbalancing:targetgroup': 'infrastructure',
  'elasticloadbalancing:loadbalancer': 'infrastructure',
  'route53:hostedzone': 'infrastructure',
};

function kindOf(arn: string): string {
  const [, , service, , , ...rest] = arn.split(':');
  return `${service}:${rest.join(':').split(/[/:]/)[0]}`;
}

function idOf(arn: string): string {
  return arn
    .split(':')
    .slice(5)
    .join(':')
    .replace(/^[a-z-]+[/:]/, '');
}
