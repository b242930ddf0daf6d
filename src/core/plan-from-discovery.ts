import type { DiscoveredResource, DiscoveryAnswer } from './discovery.ts';
import { BreakwaterError } from './errors.ts';
import type { PlanInput } from './plan.ts';
import { DR_TAGS, PRIORITIES, readDrTags, type DrTagValues, type TechnologyType } from './tags.ts';

type TechnologyInput = PlanInput['waves'][number]['technologies'][number];
type GroupInput = NonNullable<PlanInput['protectionGroups']>[number];

/** What was found and tags alone do not say how to recover: a person has to add a technology for it. */
export interface Gap {
  readonly waveNumber: number;
  readonly type: 'application' | 'infrastructure';
  readonly resourceIds: readonly string[];
  /** The same in words; one of the warnings. */
  readonly warning: string;
}

/** `warnings` says what could not become part of the plan, and why; `gaps` is what a person has to fill in. */
export interface DiscoveredPlan {
  readonly plan: PlanInput;
  readonly warnings: readonly string[];
  readonly gaps: readonly Gap[];
}

interface Candidate {
  readonly resource: DiscoveredResource;
  readonly values: DrTagValues;
}

/**
 * Makes a plan of what discovery has found: a wave for each `DR-Wave`, named after its `DR-Tier`, in it a technology for
 * each `DR-Technology`, resources by `DR-Priority`. DRS servers become a protection group by tags, so that a server tagged
 * later is recovered too. Throws `ResourceUnresolved` when nothing could become part of a plan.
 */
export function planFromDiscovery(answer: DiscoveryAnswer): DiscoveredPlan {
  const candidates = answer.details.map((resource) => ({
    resource,
    values: readDrTags(resource.tags).values,
  }));
  const usable = candidates.filter(({ values }) => values.enabled && values.wave !== undefined);
  const waves = [...Map.groupBy(usable, ({ values }) => values.wave!)]
    .sort(([a], [b]) => a - b)
    .map(([waveNumber, members]) => makeWave(waveNumber, members, answer.discoveryQuery.tags));
  const warnings = [
    ...answer.warnings,
    ...candidates.flatMap(({ resource, values }) => leftOut(resource, values)),
    ...waves.flatMap((wave) => [...wave.warnings, ...wave.gaps.map(({ warning }) => warning)]),
  ];
  const filled = waves.filter(({ technologies }) => technologies.length > 0);
  if (filled.length === 0) {
    const reasons = warnings.slice(0, 3).join('; ') || 'nothing carries the tags';
    throw new BreakwaterError('ResourceUnresolved', `no plan can be made: ${reasons}`, {
      details: { warnings },
    });
  }
  const plan: PlanInput = {
    name: nameOf(answer.discoveryQuery.tags),
    tags: { ...answer.discoveryQuery.tags },
    protectionGroups: filled.flatMap(({ groups }) => groups),
    waves: filled.map(({ waveNumber, name, technologies }) => ({ waveNumber, name, technologies })),
  };
  return { plan, warnings, gaps: waves.flatMap(({ gaps }) => gaps) };
}

function leftOut({ resourceId }: DiscoveredResource, { enabled, wave }: DrTagValues): string[] {
  if (!enabled) return [`${resourceId} is left out: ${DR_TAGS.enabled} is not true`];
  return wave === undefined ? [`${resourceId} is left out: it has no ${DR_TAGS.wave}`] : [];
}

interface MadeWave {
  readonly waveNumber: number;
  readonly name: string;
  readonly technologies: TechnologyInput[];
  readonly groups: GroupInput[];
  readonly warnings: string[];
  readonly gaps: Gap[];
}

function makeWave(
  waveNumber: number,
  members: readonly Candidate[],
  queryTags: Readonly<Record<string, string>>,
): MadeWave {
  const of = (type: TechnologyType): DiscoveredResource[] =>
    members
      .filter(({ resource, values }) => (values.technology ?? resource.technology) === type)
      .sort(byPriority)
      .map(({ resource }) => resource);
  const drs = makeDrs(waveNumber, of('drs'), queryTags);
  const database = makeDatabase(of('database'));
  return {
    waveNumber,
    name: waveName(waveNumber, members),
    technologies: [...drs.technologies, ...database.technologies],
    groups: drs.groups,
    warnings: database.warnings,
    gaps: [
      ...gapOf(waveNumber, 'application', of('application')),
      ...gapOf(waveNumber, 'infrastructure', of('infrastructure')),
    ],
  };
}

function byPriority(a: Candidate, b: Candidate): number {
  const rank = PRIORITIES.indexOf(a.values.priority) - PRIORITIES.indexOf(b.values.priority);
  return rank || (a.resource.resourceId < b.resource.resourceId ? -1 : 1);
}

function makeDrs(
  waveNumber: number,
  servers: readonly DiscoveredResource[],
  queryTags: Readonly<Record<string, string>>,
): { technologies: TechnologyInput[]; groups: GroupInput[] } {
  if (servers.length === 0) return { technologies: [], groups: [] };
  const groupId = `wave-${waveNumber}-servers`;
  const allSay = servers.every(({ tags }) => tags[DR_TAGS.technology] === 'drs');
  const tags = {
    ...queryTags,
    [DR_TAGS.enabled]: 'true',
    [DR_TAGS.wave]: String(waveNumber),
    ...(allSay ? { [DR_TAGS.technology]: 'drs' } : {}),
  };
  return {
    technologies: [{ type: 'drs', operation: 'recovery', resources: { protectionGroups: [groupId] } }],
    groups: [{ groupId, tags }],
  };
}

/** Which field of `database/failover` takes which kind of resource. */
const DATABASE_FIELDS: Readonly<Record<string, string>> = {
  'rds:cluster': 'clusters',
  'rds:db': 'instances',
  'rds:global-cluster': 'globalClusters',
};

function makeDatabase(databases: readonly DiscoveredResource[]): {
  technologies: TechnologyInput[];
  warnings: string[];
} {
  const reasons = new Map(databases.map((database) => [database, whyNoFailover(database, databases)]));
  const usable = databases.filter((database) => reasons.get(database) === null);
  const ids = Map.groupBy(usable, ({ kind }) => DATABASE_FIELDS[kind]!);
  const resources = Object.fromEntries(
    [...ids].map(([field, list]) => [field, list.map(({ resourceId }) => resourceId)]),
  );
  return {
    technologies: usable.length === 0 ? [] : [{ type: 'database', operation: 'failover', resources }],
    warnings: databases
      .filter((database) => !usable.includes(database))
      .map((database) => `${database.resourceId} is left out: ${reasons.get(database)!}`),
  };
}

/** Members of an Aurora cluster fail over with it; tags do not tell them from other instances, their names mostly do. */
function whyNoFailover(
  { resourceId, kind }: DiscoveredResource,
  databases: readonly DiscoveredResource[],
): string | null {
  if (!(kind in DATABASE_FIELDS)) return `no database operation handles a ${kind}`;
  const cluster = databases.find(
    (other) => other.kind === 'rds:cluster' && resourceId.startsWith(`${other.resourceId}-`),
  );
  return kind === 'rds:db' && cluster !== undefined
    ? `by its name it belongs to cluster ${cluster.resourceId}, which is in the plan`
    : null;
}

const BY_HAND = {
  application: 'application/scripts with the script that starts them',
  infrastructure: 'infrastructure/dns_update or infrastructure/target_registration',
} as const;

function gapOf(waveNumber: number, type: Gap['type'], resources: readonly DiscoveredResource[]): Gap[] {
  const resourceIds = resources.map(({ resourceId }) => resourceId);
  const warning = `wave ${waveNumber}: add ${BY_HAND[type]} for ${resourceIds.join(', ')}`;
  return resources.length === 0 ? [] : [{ waveNumber, type, resourceIds, warning }];
}

function waveName(waveNumber: number, members: readonly Candidate[]): string {
  const tiers = [...new Set(members.flatMap(({ values }) => values.tier ?? []))].sort();
  const words = tiers.join(', ').slice(0, 100);
  return words === '' ? `Wave ${waveNumber}` : `${words[0]!.toUpperCase()}${words.slice(1)} tier`;
}

function nameOf(tags: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  return `Recovery of ${pairs.join(', ') || 'everything'}`.slice(0, 128);
}
