import type { AwsTarget } from '#aws/aws.ts';
import { reportOf } from '#core/errors.ts';
import { findInstanceTags, tagChangeOf, type TaggedServer } from './tag-change.ts';
import type { SourceServer } from './views.ts';

export interface TagSyncRequest {
  readonly accountId?: string | undefined;
  readonly region?: string | undefined;
  /** Says what would change, and changes nothing. */
  readonly dryRun: boolean;
  /** Takes away what a server has and its instance has not; otherwise tags are only set. */
  readonly removeOthers: boolean;
}

export interface TagSyncCounts {
  readonly total: number;
  readonly unchanged: number;
  /** Or would be changed, in a dry run. */
  readonly changed: number;
  readonly failed: number;
  /** Servers that replicate no EC2 instance, or one that is not there any more. */
  readonly skipped: number;
}

export interface SyncedServer {
  readonly sourceServerId: string;
  readonly sourceInstanceId?: string;
  readonly outcome: 'changed' | 'failed' | 'skipped';
  readonly set: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
  readonly reason?: string;
}

/** How far a run has come. */
export interface TagSyncProgress {
  readonly counts: TagSyncCounts;
  /** All but the unchanged ones, as far as they fit into a document. */
  readonly servers: readonly SyncedServer[];
  /** There was more than fits. */
  readonly truncated: boolean;
}

export interface TagCopying {
  readonly target: AwsTarget;
  readonly servers: readonly SourceServer[];
  /** Where instances live. */
  readonly instancesAt: (accountId: string | undefined, region: string) => AwsTarget;
  readonly request: TagSyncRequest;
  readonly signal: AbortSignal;
}

const AT_ONCE = 10;
/** Servers between two writes of the document. */
const BETWEEN_WRITES = 100;
/** A document has at most 400,000 bytes. */
const MOST_LISTED_BYTES = 300_000;

/** Server by server; answers how far it has come, now and then and at the end. */
export async function* copyTags(work: TagCopying): AsyncGenerator<TagSyncProgress, void> {
  const { servers, instancesAt, signal } = work;
  const tagged = await findInstanceTags(servers, instancesAt, signal);
  const counts = { total: servers.length, unchanged: 0, changed: 0, failed: 0, skipped: 0 };
  const listed: SyncedServer[] = [];
  let [bytes, truncated] = [0, false];
  for (let i = 0; i < tagged.length; i += AT_ONCE) {
    const outcomes = await Promise.all(tagged.slice(i, i + AT_ONCE).map((server) => syncOne(work, server)));
    for (const synced of outcomes) {
      counts[synced?.outcome ?? 'unchanged']++;
      if (synced === null) continue;
      bytes += Buffer.byteLength(JSON.stringify(synced));
      if (bytes <= MOST_LISTED_BYTES) listed.push(synced);
      else truncated = true;
    }
    if ((i + AT_ONCE) % BETWEEN_WRITES === 0)
      yield { counts: { ...counts }, servers: [...listed], truncated };
  }
  yield { counts, servers: listed, truncated };
}

/** `null`: it has the tags already. What AWS refuses for one server does not keep the others from theirs. */
async function syncOne(
  { target, request, signal }: TagCopying,
  { server, instanceId, tags, problem }: TaggedServer,
): Promise<SyncedServer | null> {
  const known = {
    sourceServerId: server.sourceServerID ?? '',
    ...(instanceId === null ? {} : { sourceInstanceId: instanceId }),
  };
  if (problem !== null) return { ...known, set: {}, remove: [], ...problem };
  const { set, remove } = tagChangeOf(server.tags ?? {}, tags, request.removeOthers);
  if (Object.keys(set).length === 0 && remove.length === 0) return null;
  if (request.dryRun) return { ...known, outcome: 'changed', set, remove };
  try {
    const resourceArn = server.arn ?? '';
    // Taken away first: a server has at most 50 tags.
    if (remove.length > 0) await target.drs.untagResource({ resourceArn, tagKeys: [...remove] }, signal);
    if (Object.keys(set).length > 0) await target.drs.tagResource({ resourceArn, tags: set }, signal);
    return { ...known, outcome: 'changed', set, remove };
  } catch (error) {
    if (signal.aborted) throw error;
    const { code, message } = reportOf(error);
    return { ...known, outcome: 'failed', set, remove, reason: `${code}: ${message}` };
  }
}
