import type { AwsTarget } from '#aws/aws.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { ExecutionMode } from '#core/view.ts';
import { hasTags } from '#core/tags.ts';
import { requestOf, type Actor } from '../audit-log.ts';
import { readQuotaUse, type QuotaUse } from './quota-use.ts';
import { createTagSync, type TagSync } from './tag-sync.ts';
import {
  viewJob,
  viewJobLog,
  viewRecoveryInstance,
  viewServer,
  viewServerDetails,
  type JobLogView,
  type JobView,
  type RecoveryInstanceView,
  type SourceServerDetails,
  type SourceServerView,
} from './views.ts';
import type { ExecutionRequests } from '../execution-requests.ts';
import {
  changeLaunchConfiguration,
  readLaunchConfiguration,
  type KeptLaunchConfiguration,
  type LaunchConfigurationChange,
} from './launch-configuration.ts';
import { pageOf, type PageParams } from '../pages.ts';
import type { PlaneDeps } from '../plane-deps.ts';
import { requestDoor } from '../request-door.ts';
import { terminationPlan } from '../termination-plan.ts';

/** Default: the caller's own account, the configured Region. */
export interface DrsPlace {
  readonly accountId?: string | undefined;
  readonly region?: string | undefined;
}

/** What a person can ask of DRS itself. What AWS refuses is thrown as it is. What is not there is `NotFound`. */
export interface DrsOperations {
  /** By id. `tags` must all match. */
  listSourceServers(
    query: DrsPlace & PageParams & { readonly tags?: Readonly<Record<string, string>> },
    actor: Actor,
  ): Promise<{ readonly sourceServers: readonly SourceServerView[]; readonly nextCursor?: string }>;
  getSourceServer(query: AtServer, actor: Actor): Promise<SourceServerDetails>;
  getLaunchConfiguration(query: AtServer, actor: Actor): Promise<KeptLaunchConfiguration>;
  /** Throws `PreconditionFailed` if it is another one than `expected` says. */
  putLaunchConfiguration(
    change: DrsPlace & LaunchConfigurationChange,
    actor: Actor,
  ): Promise<KeptLaunchConfiguration>;
  /** The newest first. */
  listJobs(
    query: DrsPlace & PageParams,
    actor: Actor,
  ): Promise<{ readonly jobs: readonly JobView[]; readonly nextCursor?: string }>;
  getJob(query: AtJob, actor: Actor): Promise<JobView>;
  getJobLog(query: AtJob, actor: Actor): Promise<{ readonly jobLog: readonly JobLogView[] }>;
  listRecoveryInstances(
    query: DrsPlace & PageParams & { readonly sourceServerId?: string | undefined },
    actor: Actor,
  ): Promise<{ readonly recoveryInstances: readonly RecoveryInstanceView[]; readonly nextCursor?: string }>;
  /**
   * Terminates recovery instances by an execution of its own, which it answers. In mode `drill` those that a recovery has launched
   * are refused.
   */
  terminate(
    request: DrsPlace & {
      readonly recoveryInstanceIds: readonly string[];
      readonly mode: ExecutionMode;
      readonly reason?: string | undefined;
      readonly idempotencyKey?: string | undefined;
    },
    actor: Actor,
  ): Promise<{ readonly executionId: string; readonly joined: boolean }>;
  readonly tagSync: TagSync;
  quotas(
    place: DrsPlace,
    actor: Actor,
  ): Promise<{ readonly region: string; readonly quotas: readonly QuotaUse[] }>;
}

interface AtServer extends DrsPlace {
  readonly sourceServerId: string;
}

interface AtJob extends DrsPlace {
  readonly jobId: string;
}

export function createDrsOperations(
  deps: PlaneDeps,
  { requests }: { readonly requests: Pick<ExecutionRequests, 'start'> },
): DrsOperations {
  const { signal } = deps.services;
  const at = ({ accountId, region }: DrsPlace, actor: Actor): AwsTarget =>
    requestDoor(deps, actor).for({ accountId, region });
  return {
    async listSourceServers({ tags = {}, ...query }, actor) {
      const servers = await at(query, actor).drs.describeSourceServers({ filters: {} }, signal);
      // DRS has no filter by tags.
      const wanted = servers.filter((server) => hasTags(server.tags ?? {}, tags)).map(viewServer);
      const { items, ...rest } = pageOf(wanted, ({ sourceServerId }) => sourceServerId, query);
      return { sourceServers: items, ...rest };
    },
    async getSourceServer({ sourceServerId, ...place }, actor) {
      const filters = { sourceServerIDs: [sourceServerId] };
      const [server] = await at(place, actor).drs.describeSourceServers({ filters }, signal);
      if (server === undefined) throw missing('source server', sourceServerId);
      return viewServerDetails(server);
    },
    getLaunchConfiguration: async ({ sourceServerId, ...place }, actor) =>
      readLaunchConfiguration(deps, at(place, actor), sourceServerId),
    putLaunchConfiguration: async ({ sourceServerId, value, expected, ...place }, actor) =>
      changeLaunchConfiguration(deps, at(place, actor), { sourceServerId, value, expected }, actor),
    async listJobs(query, actor) {
      const jobs = (await at(query, actor).drs.describeJobs({ filters: {} }, signal)).map(viewJob);
      const keyOf = ({ startedAt = '', jobId }: JobView): string => `${startedAt} ${jobId}`;
      const { items, ...rest } = pageOf(jobs, keyOf, { ...query, newestFirst: true });
      return { jobs: items, ...rest };
    },
    getJob: async ({ jobId, ...place }, actor) => findJob(at(place, actor), jobId, signal),
    async getJobLog({ jobId, ...place }, actor) {
      const target = at(place, actor);
      await findJob(target, jobId, signal);
      return { jobLog: viewJobLog(await target.drs.describeJobLogItems({ jobID: jobId }, signal)) };
    },
    async listRecoveryInstances({ sourceServerId, ...query }, actor) {
      const filters = sourceServerId === undefined ? {} : { sourceServerIDs: [sourceServerId] };
      const instances = await at(query, actor).drs.describeRecoveryInstances({ filters }, signal);
      const views = instances.map(viewRecoveryInstance);
      const { items, ...rest } = pageOf(views, ({ recoveryInstanceId }) => recoveryInstanceId, query);
      return { recoveryInstances: items, ...rest };
    },
    async terminate({ accountId, region, recoveryInstanceIds, mode, reason, idempotencyKey }, actor) {
      const plan = terminationPlan('Terminate recovery instances', [
        { accountId, region, recoveryInstanceIds: [...new Set(recoveryInstanceIds)] },
      ]);
      const started = await requests.start({ plan, mode, reason, idempotencyKey }, actor);
      const { by, requestId } = actor;
      await deps.audit.append({
        action: 'drs.terminate',
        by,
        target: `execution/${started.executionId}`,
        executionId: started.executionId,
        ...requestOf({ requestId }),
        data: { mode, recoveryInstanceIds: [...recoveryInstanceIds] },
      });
      return started;
    },
    tagSync: createTagSync(deps),
    async quotas(place, actor) {
      const target = at(place, actor);
      const quotas = await readQuotaUse(target, deps.services.now(), signal);
      return { region: target.region, quotas };
    },
  };
}

async function findJob({ drs }: AwsTarget, jobId: string, signal: AbortSignal): Promise<JobView> {
  const [job] = await drs.describeJobs({ filters: { jobIDs: [jobId] } }, signal);
  if (job === undefined) throw missing('job', jobId);
  return viewJob(job);
}

function missing(noun: string, id: string): BreakwaterError {
  return new BreakwaterError(
    'NotFound',
    `there is no ${noun} ${JSON.stringify(id)} in this account and Region`,
  );
}
