import type { Control } from '#control/control.ts';
import type { EventBus } from '#control/event-bus.ts';
import type { ExecutionRequests } from '#control/execution-requests.ts';
import { listExecutions } from '#control/list-executions.ts';
import { isAllowed, type Permission } from '#core/permissions.ts';
import { Plan } from '#core/plan.ts';
import type { ExecutionView } from '#core/view.ts';
import { z } from 'zod';
import { actorOf } from '../actor.ts';
import type { StreamLimits } from '../event-stream.ts';
import { forbidden } from '../register-route.ts';
import { defineRoute, type AnyRoute, type Asked } from '../route.ts';
import { PageQuery, Reason } from '../shapes/common.ts';
import { executionEventsRoutes } from './execution-events.ts';
import {
  AtExecution,
  Execution,
  ExecutionList,
  Export,
  Gate,
  GateActionShape,
  Mode,
  ResourceRow,
  Status,
} from '../shapes/executions.ts';

const tag = 'Executions';
const Act = z.strictObject({ reason: Reason.optional() }).prefault({});

const Start = z
  .strictObject({
    planId: z.string().min(1).max(80).optional(),
    version: z.int().min(1).optional().describe('Of the stored plan; default: the newest'),
    plan: Plan.optional().describe('A plan that is not stored'),
    mode: Mode,
    autoResume: z.boolean().optional().describe('Opens pause gates by itself: for pipelines'),
    joinUnfinished: z
      .boolean()
      .optional()
      .describe('Answers an unfinished execution of the very same plan and mode, if there is one'),
    parentExecutionId: z.string().max(128).optional(),
    reason: Reason.optional(),
  })
  .refine(({ planId, plan }) => (planId === undefined) !== (plan === undefined), {
    message: 'expected either planId or plan',
  })
  .meta({ id: 'StartExecution' });

const GateAct = z
  .strictObject({
    action: GateActionShape,
    reason: Reason.optional(),
    changeTicket: z.string().min(1).max(128).optional(),
  })
  .meta({ id: 'GateAct' });

export interface ExecutionRoutesParams {
  readonly control: Control;
  readonly requests: ExecutionRequests;
  readonly events: EventBus;
  readonly stream?: StreamLimits | undefined;
  readonly approvals: ApproveAtGate;
  /** HTML that needs no script. */
  readonly reportOf: (executionId: string) => Promise<string>;
}

/** Approvals count by who gives them, so they go their own way. */
export interface ApproveAtGate {
  decide(params: {
    readonly executionId: string;
    readonly gateId: string;
    readonly action: 'approve' | 'reject';
    readonly principal: NonNullable<Asked['principal']>;
    readonly reason?: string | undefined;
    readonly changeTicket?: string | undefined;
    readonly requestId: string;
  }): Promise<unknown>;
}

/** Start, look at and steer executions. */
export function executionsRoutes(params: ExecutionRoutesParams): AnyRoute[] {
  return [
    ...startRoutes(params),
    ...lookRoutes(params),
    ...executionEventsRoutes(params),
    ...actRoutes(params),
  ];
}

function startRoutes({ requests }: ExecutionRoutesParams): AnyRoute[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/executions',
      permission: ['execution:start-drill', 'execution:start-recovery'],
      operationId: 'startExecution',
      tag,
      summary: 'Starts a drill or a recovery',
      description:
        'A drill needs `execution:start-drill`, a recovery `execution:start-recovery`; a plan that is not kept needs `plan:write` besides.',
      body: Start,
      takesIdempotencyKey: true,
      responses: { 202: z.object({ executionId: z.string(), joined: z.boolean() }) },
      handle: async (asked) => {
        const { body, idempotencyKey } = asked;
        demand(asked, body.mode === 'drill' ? 'execution:start-drill' : 'execution:start-recovery');
        // A plan of one's own runs commands of one's own: that is for those who may write plans.
        if (body.plan !== undefined) demand(asked, 'plan:write');
        const started = await requests.start({ ...body, idempotencyKey }, actorOf(asked));
        return { status: 202, body: started, headers: { location: `/executions/${started.executionId}` } };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/executions/{executionId}/terminate-instances',
      permission: 'execution:terminate',
      operationId: 'terminateInstances',
      tag,
      summary: 'Terminates what a drill has launched, by an execution of its own',
      params: AtExecution,
      body: Act,
      takesIdempotencyKey: true,
      responses: {
        202: z.object({
          executionId: z.string().describe('Of the clean-up'),
          sourceServerIds: z.array(z.string()),
          instanceIds: z.array(z.string()),
        }),
      },
      handle: async (asked) => {
        const { params, body, idempotencyKey } = asked;
        const act = { ...params, ...body, idempotencyKey };
        const started = await requests.terminateInstances(act, actorOf(asked));
        return { status: 202, body: started, headers: { location: `/executions/${started.executionId}` } };
      },
    }),
  ];
}

function lookRoutes({ control, reportOf }: ExecutionRoutesParams): AnyRoute[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/executions',
      permission: 'execution:read',
      operationId: 'listExecutions',
      tag,
      summary: 'Lists executions, the newest first',
      description:
        'Plan and mode are looked for among all: a page may have fewer than `limit`, and go on with `nextCursor` all the same.',
      query: PageQuery.extend({
        status: Status.optional(),
        planId: z.string().min(1).max(80).optional(),
        mode: Mode.optional(),
      }),
      responses: { 200: ExecutionList },
      handle: async ({ query }) => ({ status: 200, body: await listExecutions(control, query) }),
    }),
    look(control, {
      operationId: 'getExecution',
      path: '',
      summary: 'The whole state of an execution',
      shape: Execution,
      pick: (view) => view,
    }),
    look(control, {
      operationId: 'listGates',
      path: '/gates',
      summary: 'Its gates, open and closed',
      shape: z.object({ gates: z.array(Gate) }),
      pick: ({ gates }) => ({ gates }),
    }),
    look(control, {
      operationId: 'listResources',
      path: '/resources',
      summary: 'What became of each resource',
      shape: z.object({ resources: z.array(ResourceRow) }),
      pick: (view) => ({ resources: rowsOf(view) }),
    }),
    defineRoute({
      method: 'GET',
      path: '/executions/{executionId}/export',
      permission: 'execution:read',
      operationId: 'exportExecution',
      tag,
      summary: 'The export of an execution',
      params: AtExecution,
      responses: { 200: Export },
      handle: async ({ params }) => ({ status: 200, body: await control.exportExecution(params) }),
    }),
    defineRoute({
      method: 'GET',
      path: '/executions/{executionId}/report',
      permission: 'execution:read',
      operationId: 'getReport',
      tag,
      summary: 'The report for people, as HTML without scripts',
      params: AtExecution,
      responses: { 200: { contentType: 'text/html; charset=utf-8', description: 'The report' } },
      handle: async ({ params }) => ({
        status: 200,
        body: await reportOf(params.executionId),
        // The report brings its own styles; nothing else is loaded, and nothing runs.
        headers: {
          'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
        },
      }),
    }),
  ];
}

interface Look {
  readonly operationId: string;
  readonly path: string;
  readonly summary: string;
  readonly shape: z.ZodType;
  readonly pick: (view: ExecutionView) => unknown;
}

function look(control: Control, { operationId, path, summary, shape, pick }: Look): AnyRoute {
  return defineRoute({
    method: 'GET',
    path: `/executions/{executionId}${path}`,
    permission: 'execution:read',
    operationId,
    tag,
    summary,
    params: AtExecution,
    responses: { 200: shape },
    handle: async ({ params }) => ({ status: 200, body: pick(await control.getExecution(params)) }),
  });
}

function actRoutes({ control, requests, approvals }: ExecutionRoutesParams): AnyRoute[] {
  const act = (name: 'pause' | 'resume' | 'cancel', summary: string): AnyRoute =>
    defineRoute({
      method: 'POST',
      path: `/executions/{executionId}/${name}`,
      permission: 'execution:control',
      operationId: `${name}Execution`,
      tag,
      summary,
      params: AtExecution,
      body: Act,
      responses: { 200: Execution },
      handle: async (asked) => {
        await requests[name]({ ...asked.params, ...asked.body }, actorOf(asked));
        return { status: 200, body: await control.getExecution(asked.params) };
      },
    });
  return [
    act('pause', 'Lets no wave begin until someone resumes'),
    act('resume', 'Takes back a pause, and opens all pause gates'),
    act(
      'cancel',
      'Cancels gracefully; clean-up runs. If all waves are complete already, it ends as completed',
    ),
    defineRoute({
      method: 'POST',
      path: '/executions/{executionId}/gates/{gateId}',
      permission: ['gate:decide', 'gate:approve'],
      operationId: 'actAtGate',
      tag,
      summary: 'Acts at a gate: approve, reject, resume, retry, skip with a reason, cancel',
      description: '`approve` and `reject` need `gate:approve`, all others `gate:decide`.',
      params: AtExecution.extend({ gateId: z.string().min(1).max(128) }),
      body: GateAct,
      responses: { 200: Execution },
      handle: async (asked) => {
        const { params, body, principal, requestId } = asked;
        const { action, changeTicket, ...rest } = body;
        if (action === 'approve' || action === 'reject') {
          demand(asked, 'gate:approve');
          const by = { principal: principal!, requestId };
          await approvals.decide({ ...params, ...rest, action, changeTicket, ...by });
        } else {
          demand(asked, 'gate:decide');
          await requests.decide({ ...params, ...rest, action }, actorOf(asked));
        }
        return { status: 200, body: await control.getExecution(params) };
      },
    }),
  ];
}

function demand({ principal }: Pick<Asked, 'principal'>, permission: Permission): void {
  if (!isAllowed(principal!, permission)) throw forbidden(principal!, [permission]);
}

function rowsOf({ waves }: ExecutionView): unknown[] {
  return waves.flatMap(({ waveNumber, technologies }) =>
    technologies.flatMap(({ type, operation, outcomes, names }) =>
      outcomes.map((outcome) => ({
        ...outcome,
        waveNumber,
        technology: type,
        operation,
        name: names[outcome.resourceId] ?? outcome.resourceId,
      })),
    ),
  );
}
