import type { EventCode, EventData } from '#core/events.ts';
import { eventNamesOf } from '#core/progress.ts';
import type { TechnologyRecord } from '#core/records.ts';
import { hasEnded } from '#core/states.ts';
import { z } from 'zod';
import type { SourceServer } from '../drs/views.ts';
import type { PlaneDeps } from '../plane-deps.ts';
import { doorOf, isStalled, noteReplication, type ReplicationPlace } from './replication.ts';

/** As EventBridge delivers them, at best effort: https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-drs.html */
export const DrsHint = z.object({
  source: z.literal('aws.drs'),
  'detail-type': z.enum([
    'DRS Source Server Launch Result',
    'DRS Source Server Data Replication Stalled Change',
  ]),
  account: z.string().regex(/^\d{12}$/),
  region: z.string().regex(/^[a-z]{2,4}(-[a-z]+)+-\d$/),
  resources: z
    .array(z.string().regex(/^arn:[\w-]+:drs:[\w-]*:\d{12}:source-server\/s-[0-9a-f]{17}$/))
    .min(1)
    .max(100),
});
export type DrsHint = z.infer<typeof DrsHint>;

/** One call to DRS for a hint, and no more time than this: the next tick waits for it. */
const LONGEST_LOOK_MS = 10_000;

/**
 * What an event of DRS is good for. It is a hint: it says where to look, and what is written down is what DRS then answers. So one
 * that is lost, doubled, late or forged changes nothing but how soon people know.
 *
 * It does: of an unfinished execution that works with the server, write the event `ReplicationStalled`, `ReplicationResumed` or
 * `ServerLaunchReported`, each once; and put the server into the number of stalled ones of its account and Region. People, and
 * whoever has subscribed, hear of a stall up to five minutes before the next sweep, and of each launch before the poll that finds all
 * of them: by seconds as a rule, since polls are dense towards the end, by minutes when a launch takes longer than expected.
 *
 * It does not: wake a state machine up. One that is in its `Wait` looks again by itself, as it would have without the hint, and what
 * that finds decides how the execution goes on.
 */
export async function takeHint(deps: PlaneDeps, hint: DrsHint, own: ReplicationPlace): Promise<void> {
  const place = { accountId: hint.account, region: hint.region };
  const ids = hint.resources.map((arn) => arn.slice(arn.lastIndexOf('/') + 1));
  const concerned = await technologiesWith(deps, ids);
  const isAboutReplication = hint['detail-type'] === 'DRS Source Server Data Replication Stalled Change';
  if (concerned.length === 0 && !isAboutReplication) return;
  for (const server of await lookAt(deps, own, { place, ids })) {
    if (isAboutReplication) await noteReplication(deps, place, server);
    for (const technology of concerned) await tell(deps, technology, { server, isAboutReplication });
  }
}

interface Concerned {
  readonly executionId: string;
  readonly waveNumber: number;
  readonly technologyIndex: number;
}

/** Technologies of unfinished executions that recover one of the servers. */
async function technologiesWith({ services }: PlaneDeps, ids: readonly string[]): Promise<Concerned[]> {
  const { executions } = services;
  const found: Concerned[] = [];
  for (const { executionId } of await executions.unfinished()) {
    for (const technology of await executions.technologies(executionId)) {
      const { waveNumber, technologyIndex } = technology;
      if (ids.some((id) => worksWith(technology, id)))
        found.push({ executionId, waveNumber, technologyIndex });
    }
  }
  return found;
}

function worksWith({ definition, status, resources }: TechnologyRecord, serverId: string): boolean {
  const { type, operation } = definition;
  const isOpen = status === 'pending' || status === 'in_progress' || status === 'failed';
  return type === 'drs' && operation === 'recovery' && isOpen && resources.includes(serverId);
}

async function lookAt(
  deps: PlaneDeps,
  own: ReplicationPlace,
  { place, ids }: { readonly place: ReplicationPlace; readonly ids: string[] },
): Promise<SourceServer[]> {
  const { clock } = deps;
  const timeout = new AbortController();
  const cancel = clock.at(clock.now() + LONGEST_LOOK_MS, () => timeout.abort());
  try {
    const { drs } = await doorOf(deps, own, place);
    return await drs.describeSourceServers({ filters: { sourceServerIDs: ids } }, timeout.signal);
  } finally {
    cancel();
  }
}

async function tell(
  { services }: PlaneDeps,
  { executionId, waveNumber, technologyIndex }: Concerned,
  { server, isAboutReplication }: { readonly server: SourceServer; readonly isAboutReplication: boolean },
): Promise<void> {
  const serverId = server.sourceServerID!;
  await services.executions.change(executionId, async (change) => {
    const technology = await change.technology(waveNumber, technologyIndex);
    if (hasEnded(change.head().status) || !worksWith(technology, serverId)) return;
    const known = technology.news?.[serverId];
    const news = isAboutReplication ? newsOfReplication(server, known) : newsOfLaunch(server, technology);
    if (news === null || news.key === known) return;
    change.putTechnology({ ...technology, news: { ...technology.news, [serverId]: news.key } });
    change.emit(news.code, {
      waveNumber,
      ...eventNamesOf(technology),
      resourceId: serverId,
      ...news.data,
    });
  });
}

interface News {
  /** What the records keep of it. */
  readonly key: string;
  readonly code: EventCode;
  readonly data: EventData;
}

/** That it has stalled no longer is news only where it was told that it had. */
function newsOfReplication(server: SourceServer, known: string | undefined): News | null {
  const lag = server.dataReplicationInfo?.lagDuration;
  if (isStalled(server))
    return { key: 'stalled', code: 'ReplicationStalled', data: lag === undefined ? {} : { lag } };
  return known === 'stalled' ? { key: 'resumed', code: 'ReplicationResumed', data: {} } : null;
}

/** A launch that has ended, and was begun since the technology works. */
function newsOfLaunch(
  { lastLaunchResult: result, lifeCycle }: SourceServer,
  technology: TechnologyRecord,
): News | null {
  const { jobID: jobId, apiCallDateTime: begunAt } = lifeCycle?.lastLaunch?.initiated ?? {};
  if (jobId === undefined || begunAt === undefined || technology.startedAt === undefined) return null;
  if (result !== 'SUCCEEDED' && result !== 'FAILED') return null;
  if (technology.status !== 'in_progress' || Date.parse(begunAt) < Date.parse(technology.startedAt))
    return null;
  return { key: `${jobId} ${result}`, code: 'ServerLaunchReported', data: { jobId, result } };
}
