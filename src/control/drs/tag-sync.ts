import type { AwsTarget } from '#aws/aws.ts';
import { canonicalJson } from '#core/canonical-json.ts';
import { BreakwaterError, reportOf } from '#core/errors.ts';
import type { Failure } from '#core/outcome.ts';
import { DocumentRepository } from '#store/documents.ts';
import { Mutexes } from '#store/mutexes.ts';
import { requestOf, type Actor } from '../audit-log.ts';
import { copyTags, type TagCopying, type TagSyncProgress, type TagSyncRequest } from './tag-copy.ts';
import type { PlaneDeps } from '../plane-deps.ts';
import { requestDoor } from '../request-door.ts';

/**
 * Copies the tags of EC2 instances to the DRS source servers that replicate them. A run goes on after its start was answered; it is a
 * document that tells how far it has come. A run that died with its process changed nothing that a new one would not: it is
 * simply asked for again.
 */
export interface TagSync {
  /**
   * Throws what AWS says if the source servers cannot be listed, `ResourceLocked` while another run works in the place,
   * `IdempotencyKeyReused`.
   */
  start(request: Start, actor: Actor): Promise<TagSyncRun>;
  /** Throws `NotFound`. */
  get(runId: string): Promise<TagSyncRun>;
  /** Resolves when no run of this process is under way. */
  settled(): Promise<void>;
}

export interface TagSyncRun extends TagSyncProgress, Omit<TagSyncRequest, 'accountId' | 'region'> {
  readonly runId: string;
  /** `interrupted`: its process ended before it did. */
  readonly status: 'running' | 'completed' | 'completed_with_failures' | 'failed' | 'interrupted';
  readonly accountId?: string;
  readonly region: string;
  readonly startedBy: string;
  readonly startedAt: string;
  readonly completedAt?: string;
  readonly error?: Failure;
}

interface KeptRun extends TagSyncRun {
  readonly requestHash: string;
}

/** What the runs of a process share. */
interface Runs {
  readonly deps: PlaneDeps;
  readonly documents: DocumentRepository<KeptRun>;
  /** Runs of this process, by id, with the place that they change. */
  readonly active: Map<string, { readonly place: string; readonly done: Promise<void> }>;
}

type Start = TagSyncRequest & { readonly idempotencyKey?: string | undefined };

export function createTagSync(deps: PlaneDeps): TagSync {
  const documents = new DocumentRepository<KeptRun>({
    store: deps.store,
    table: 'platform-records',
    partition: 'drs-tag-syncs',
    noun: 'tag sync',
  });
  const runs: Runs = { deps, documents, active: new Map() };
  const starts = new Mutexes();
  return {
    // One after the other, so that two of the same key or place find each other.
    start: (request, actor) => starts.run('', () => start(runs, request, actor)),
    get: async (runId) => viewRun(runs, (await documents.get(runId)).value),
    async settled() {
      await Promise.all([...runs.active.values()].map(({ done }) => done));
    },
  };
}

async function start(runs: Runs, { idempotencyKey, ...request }: Start, actor: Actor): Promise<TagSyncRun> {
  const { deps, documents, active } = runs;
  const { signal } = deps.services;
  const runId =
    idempotencyKey === undefined
      ? deps.newId('sync-')
      : `sync-${deps.hash(`${actor.by}/${idempotencyKey}`).slice(0, 24)}`;
  const requestHash = deps.hash(canonicalJson(request));
  const known = await documents.find(runId);
  if (known !== null) return viewKnown(runs, known.value, requestHash);
  const door = requestDoor(deps, actor);
  const target = door.for(request);
  const place = request.dryRun ? `dry/${runId}` : `${request.accountId ?? 'own'}/${target.region}`;
  refuseSecond(active, place);
  const servers = await target.drs.describeSourceServers({ filters: {} }, signal);
  const run: KeptRun = {
    ...newRun(request, { runId, region: target.region, total: servers.length }),
    startedBy: actor.by,
    startedAt: timeOf(deps),
    requestHash,
  };
  await documents.create(runId, run);
  await note(deps, 'start', run, actor);
  const instancesAt = (accountId: string | undefined, region: string): AwsTarget =>
    door.for({ accountId, region });
  const done = carryOut(runs, run, { target, servers, instancesAt, request, signal }, actor).finally(() =>
    active.delete(runId),
  );
  active.set(runId, { place, done });
  return viewRun(runs, run);
}

/** Never rejects: what goes wrong is in the document. A process that stops leaves it as it is. */
async function carryOut(
  { deps, documents }: Runs,
  first: KeptRun,
  work: TagCopying,
  actor: Actor,
): Promise<void> {
  let [run, revision] = [first, 1];
  const keep = async (more: Partial<KeptRun>): Promise<void> => {
    run = { ...run, ...more };
    ({ revision } = await documents.update(run.runId, run, revision));
  };
  try {
    for await (const progress of copyTags(work)) await keep(progress);
    const status = run.counts.failed === 0 ? 'completed' : 'completed_with_failures';
    await keep({ status, completedAt: timeOf(deps) });
    await note(deps, 'end', run, actor);
  } catch (error) {
    if (work.signal.aborted) return;
    const { code, message } = reportOf(error);
    const failed = { status: 'failed', completedAt: timeOf(deps), error: { code, message } } as const;
    // If that cannot be written either, the run is read as interrupted.
    await keep(failed).catch(() => {});
  }
}

function note(
  { audit }: PlaneDeps,
  action: 'start' | 'end',
  { runId, status, dryRun, removeOthers, region, accountId, counts }: TagSyncRun,
  { by, requestId }: Actor,
): Promise<void> {
  const where = { region, ...(accountId === undefined ? {} : { accountId }) };
  return audit.append({
    action: `drs.tag-sync.${action}`,
    by,
    target: `drs/tag-sync/${runId}`,
    ...requestOf({ requestId }),
    data: { status, dryRun, removeOthers, ...where, counts: { ...counts } },
  });
}

function timeOf({ services }: PlaneDeps): string {
  return new Date(services.now()).toISOString();
}

function viewRun({ active }: Runs, { requestHash: _, ...run }: KeptRun): TagSyncRun {
  return run.status === 'running' && !active.has(run.runId) ? { ...run, status: 'interrupted' } : run;
}

function viewKnown(runs: Runs, run: KeptRun, requestHash: string): TagSyncRun {
  if (run.requestHash === requestHash) return viewRun(runs, run);
  throw new BreakwaterError(
    'IdempotencyKeyReused',
    'the Idempotency-Key was used for another synchronisation of tags',
  );
}

function newRun(
  { dryRun, removeOthers, accountId }: TagSyncRequest,
  { runId, region, total }: { readonly runId: string; readonly region: string; readonly total: number },
): Omit<TagSyncRun, 'startedBy' | 'startedAt'> {
  return {
    runId,
    status: 'running',
    dryRun,
    removeOthers,
    ...(accountId === undefined ? {} : { accountId }),
    region,
    counts: { total, unchanged: 0, changed: 0, failed: 0, skipped: 0 },
    servers: [],
    truncated: false,
  };
}

function refuseSecond(active: ReadonlyMap<string, { readonly place: string }>, place: string): void {
  const other = [...active].find(([, run]) => run.place === place)?.[0];
  if (other !== undefined)
    throw new BreakwaterError('ResourceLocked', `tag sync ${other} works in ${place} still`);
}
