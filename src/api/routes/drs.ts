import type { DrsOperations } from '#control/drs/operations.ts';
import { isAllowed } from '#core/permissions.ts';
import { z } from 'zod';
import { actorOf } from '../actor.ts';
import { forbidden } from '../register-route.ts';
import { defineRoute, type AnyRoute } from '../route.ts';
import { Reason } from '../shapes/common.ts';
import {
  JobId,
  JobList,
  JobLog,
  JobShape,
  LaunchConfigurationBody,
  LaunchConfigurationShape,
  Place,
  PlacePage,
  QuotasShape,
  RecoveryInstanceId,
  RecoveryInstanceList,
  SourceServerDetailsShape,
  SourceServerId,
  SourceServerList,
  TagSyncShape,
} from '../shapes/drs.ts';
import { Mode } from '../shapes/executions.ts';

const tag = 'DRS';
const permission = 'drs:read';
const AtServer = z.strictObject({ sourceServerId: SourceServerId });
const AtJob = z.strictObject({ jobId: JobId });

/** `Tier=app`; the value may contain `=`. */
const TagPair = z.string().regex(/^[^=]{1,128}=.{0,256}$/s, 'expected key=value');

/** AWS Elastic Disaster Recovery: what is there, and what can be done besides an execution. */
export function drsRoutes(drs: DrsOperations): AnyRoute[] {
  return [
    ...serverRoutes(drs),
    ...launchConfigurationRoutes(drs),
    ...jobRoutes(drs),
    ...instanceRoutes(drs),
    ...tagSyncRoutes(drs),
    defineRoute({
      method: 'GET',
      path: '/drs/quotas',
      permission,
      operationId: 'getDrsQuotas',
      tag,
      summary: 'The limits of DRS, and how much of them is used now',
      query: Place,
      responses: { 200: QuotasShape },
      handle: async (asked) => ({ status: 200, body: await drs.quotas(asked.query, actorOf(asked)) }),
    }),
  ];
}

function serverRoutes(drs: DrsOperations): AnyRoute[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/drs/source-servers',
      permission,
      operationId: 'listSourceServers',
      tag,
      summary: 'Lists source servers, with replication and lag',
      query: PlacePage.extend({
        tag: z
          .union([TagPair, z.array(TagPair).max(50)])
          .optional()
          .describe('`key=value`; may be repeated, and all must match'),
      }),
      responses: { 200: SourceServerList },
      handle: async (asked) => {
        const { tag: pairs = [], ...query } = asked.query;
        const body = await drs.listSourceServers({ ...query, tags: tagsOf([pairs].flat()) }, actorOf(asked));
        return { status: 200, body };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/drs/source-servers/{sourceServerId}',
      permission,
      operationId: 'getSourceServer',
      tag,
      summary: 'A source server with its replication, disk by disk',
      params: AtServer,
      query: Place,
      responses: { 200: SourceServerDetailsShape },
      handle: async (asked) => ({
        status: 200,
        body: await drs.getSourceServer({ ...asked.params, ...asked.query }, actorOf(asked)),
      }),
    }),
  ];
}

function tagsOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
}

function launchConfigurationRoutes(drs: DrsOperations): AnyRoute[] {
  const path = '/drs/source-servers/{sourceServerId}/launch-configuration';
  return [
    defineRoute({
      method: 'GET',
      path,
      permission,
      operationId: 'getLaunchConfiguration',
      tag,
      summary: 'How a source server is launched',
      params: AtServer,
      query: Place,
      responses: { 200: LaunchConfigurationShape },
      handle: async (asked) => {
        const { value, revision } = await drs.getLaunchConfiguration(
          { ...asked.params, ...asked.query },
          actorOf(asked),
        );
        return { status: 200, body: value, revision };
      },
    }),
    defineRoute({
      method: 'PUT',
      path,
      permission: 'drs:write',
      operationId: 'putLaunchConfiguration',
      tag,
      summary: 'Changes how a source server is launched; counts for launches that start later',
      description:
        'The ETag is made of the content, since AWS counts no revisions. A change that goes past Breakwater between its look and its change is not noticed: AWS changes nothing on condition.',
      params: AtServer,
      query: Place,
      body: LaunchConfigurationBody,
      needsIfMatch: true,
      responses: { 200: LaunchConfigurationShape },
      handle: async (asked) => {
        const { value, revision } = await drs.putLaunchConfiguration(
          { ...asked.params, ...asked.query, value: asked.body, expected: asked.ifMatch! },
          actorOf(asked),
        );
        return { status: 200, body: value, revision };
      },
    }),
  ];
}

function jobRoutes(drs: DrsOperations): AnyRoute[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/drs/jobs',
      permission,
      operationId: 'listDrsJobs',
      tag,
      summary: 'Lists jobs of DRS, the newest first, whoever has started them',
      query: PlacePage,
      responses: { 200: JobList },
      handle: async (asked) => ({ status: 200, body: await drs.listJobs(asked.query, actorOf(asked)) }),
    }),
    defineRoute({
      method: 'GET',
      path: '/drs/jobs/{jobId}',
      permission,
      operationId: 'getDrsJob',
      tag,
      summary: 'A job of DRS, server by server',
      params: AtJob,
      query: Place,
      responses: { 200: JobShape },
      handle: async (asked) => ({
        status: 200,
        body: await drs.getJob({ ...asked.params, ...asked.query }, actorOf(asked)),
      }),
    }),
    defineRoute({
      method: 'GET',
      path: '/drs/jobs/{jobId}/log',
      permission,
      operationId: 'getDrsJobLog',
      tag,
      summary: 'What a job has done, in the order of time',
      params: AtJob,
      query: Place,
      responses: { 200: JobLog },
      handle: async (asked) => ({
        status: 200,
        body: await drs.getJobLog({ ...asked.params, ...asked.query }, actorOf(asked)),
      }),
    }),
  ];
}

const Termination = z.strictObject({
  ...Place.shape,
  recoveryInstanceIds: z.array(RecoveryInstanceId).min(1).max(1_500),
  mode: Mode.default('drill').describe(
    '`drill`: instances that a recovery has launched are refused; `recovery`: they go as well',
  ),
  reason: Reason.optional(),
});

function instanceRoutes(drs: DrsOperations): AnyRoute[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/drs/recovery-instances',
      permission,
      operationId: 'listRecoveryInstances',
      tag,
      summary: 'Lists what DRS has launched and is there still',
      query: PlacePage.extend({ sourceServerId: SourceServerId.optional() }),
      responses: { 200: RecoveryInstanceList },
      handle: async (asked) => ({
        status: 200,
        body: await drs.listRecoveryInstances(asked.query, actorOf(asked)),
      }),
    }),
    defineRoute({
      method: 'POST',
      path: '/drs/recovery-instances/terminate',
      permission: 'execution:terminate',
      operationId: 'terminateRecoveryInstances',
      tag,
      summary: 'Terminates recovery instances, by an execution of its own',
      description:
        'The execution tells the jobs of DRS and what became of each instance. Mode `recovery` needs `execution:start-recovery` as well.',
      body: Termination,
      takesIdempotencyKey: true,
      responses: { 202: z.object({ executionId: z.string(), joined: z.boolean() }) },
      handle: async (asked) => {
        const { body, principal, idempotencyKey } = asked;
        const needed = 'execution:start-recovery';
        if (body.mode === 'recovery' && !isAllowed(principal!, needed)) throw forbidden(principal!, [needed]);
        const started = await drs.terminate({ ...body, idempotencyKey }, actorOf(asked));
        return { status: 202, body: started, headers: { location: `/executions/${started.executionId}` } };
      },
    }),
  ];
}

const TagSyncBody = z.strictObject({
  ...Place.shape,
  dryRun: z.boolean().default(false).describe('Says what would change, and changes nothing'),
  removeOthers: z
    .boolean()
    .default(false)
    .describe('Takes away what a server has and its instance has not; otherwise tags are only set'),
});

function tagSyncRoutes({ tagSync }: DrsOperations): AnyRoute[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/drs/tag-sync',
      permission: 'drs:write',
      operationId: 'startTagSync',
      tag,
      summary: 'Copies the tags of EC2 instances to the source servers that replicate them',
      description:
        'The account and Region are those of the source servers; instances are read where they live.',
      body: TagSyncBody,
      takesIdempotencyKey: true,
      responses: { 202: TagSyncShape },
      handle: async (asked) => {
        const { body, idempotencyKey } = asked;
        const run = await tagSync.start({ ...body, idempotencyKey }, actorOf(asked));
        return { status: 202, body: run, headers: { location: `/drs/tag-sync/${run.runId}` } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/drs/tag-sync/{runId}',
      permission,
      operationId: 'getTagSync',
      tag,
      summary: 'How far a run has come, and what it has changed',
      params: z.strictObject({ runId: z.string().min(1).max(128) }),
      responses: { 200: TagSyncShape },
      handle: async ({ params: { runId } }) => ({ status: 200, body: await tagSync.get(runId) }),
    }),
  ];
}
