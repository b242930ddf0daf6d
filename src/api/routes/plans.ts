import type { Plans, StoredPlan } from '#control/plans.ts';
import { Plan } from '#core/plan.ts';
import { z } from 'zod';
import { actorOf } from '../actor.ts';
import { defineRoute, type AnyRoute, type Answer } from '../route.ts';
import { NextCursor, PageQuery } from '../shapes/common.ts';
import { Mode } from '../shapes/executions.ts';
import {
  Assessment,
  DifferenceShape,
  DryRun,
  PlanSummary,
  StoredPlan as StoredPlanShape,
} from '../shapes/plans.ts';

const tag = 'Recovery plans';
const YAML = ['application/yaml'];
const AtPlan = z.strictObject({ planId: z.string().min(1).max(80) });
const Version = z.coerce.number().int().min(1).max(999_999_999);
const WithMode = z.strictObject({ mode: Mode.default('drill') }).prefault({});

/** Recovery plans: kept in versions, validated, rehearsed on paper. */
export function plansRoutes(plans: Plans): AnyRoute[] {
  return [...keepRoutes(plans), ...versionRoutes(plans), ...checkRoutes(plans)];
}

function keepRoutes(plans: Plans): AnyRoute[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/recovery-plans',
      permission: 'plan:read',
      operationId: 'listPlans',
      tag,
      summary: 'Lists recovery plans',
      query: PageQuery,
      responses: { 200: z.object({ plans: z.array(PlanSummary), nextCursor: NextCursor }) },
      handle: async ({ query }) => ({ status: 200, body: await plans.list(query) }),
    }),
    defineRoute({
      method: 'POST',
      path: '/recovery-plans',
      permission: 'plan:write',
      operationId: 'createPlan',
      tag,
      summary: 'Keeps a new recovery plan, from JSON or YAML',
      body: Plan,
      alsoAccepts: YAML,
      responses: { 201: StoredPlanShape },
      handle: async (asked) => {
        const stored = await plans.create(asked.body, actorOf(asked));
        const headers = { location: `/recovery-plans/${encodeURIComponent(stored.planId)}` };
        return { ...answerOf(stored), status: 201, headers };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/recovery-plans/{planId}',
      permission: 'plan:read',
      operationId: 'getPlan',
      tag,
      summary: 'A recovery plan in its newest version',
      params: AtPlan,
      responses: { 200: StoredPlanShape },
      handle: async ({ params }) => answerOf(await plans.get(params.planId)),
    }),
    defineRoute({
      method: 'PUT',
      path: '/recovery-plans/{planId}',
      permission: 'plan:write',
      operationId: 'updatePlan',
      tag,
      summary: 'Puts a new version in place',
      params: AtPlan,
      body: Plan,
      alsoAccepts: YAML,
      needsIfMatch: true,
      responses: { 200: StoredPlanShape },
      handle: async (asked) =>
        answerOf(await plans.update(asked.params.planId, asked.body, asked.ifMatch!, actorOf(asked))),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/recovery-plans/{planId}',
      permission: 'plan:write',
      operationId: 'deletePlan',
      tag,
      summary: 'Removes a recovery plan; executions keep the plan that they ran',
      params: AtPlan,
      needsIfMatch: true,
      responses: { 204: null },
      handle: async (asked) => {
        await plans.remove(asked.params.planId, asked.ifMatch!, actorOf(asked));
        return { status: 204 };
      },
    }),
  ];
}

function versionRoutes(plans: Plans): AnyRoute[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/recovery-plans/{planId}/versions',
      permission: 'plan:read',
      operationId: 'listPlanVersions',
      tag,
      summary: 'Its versions, the newest first',
      params: AtPlan,
      query: PageQuery,
      responses: { 200: z.object({ versions: z.array(PlanSummary), nextCursor: NextCursor }) },
      handle: async ({ params, query }) => ({
        status: 200,
        body: await plans.versions(params.planId, query),
      }),
    }),
    defineRoute({
      method: 'GET',
      path: '/recovery-plans/{planId}/versions/{version}',
      permission: 'plan:read',
      operationId: 'getPlanVersion',
      tag,
      summary: 'One version',
      params: AtPlan.extend({ version: Version }),
      responses: { 200: StoredPlanShape },
      handle: async ({ params }) => answerOf(await plans.get(params.planId, params.version)),
    }),
    defineRoute({
      method: 'GET',
      path: '/recovery-plans/{planId}/diff',
      permission: 'plan:read',
      operationId: 'diffPlan',
      tag,
      summary: 'What differs between two versions',
      params: AtPlan,
      query: z.strictObject({ from: Version, to: Version }),
      responses: { 200: z.object({ differences: z.array(DifferenceShape) }) },
      handle: async ({ params, query }) => ({
        status: 200,
        body: { differences: await plans.diff(params.planId, query.from, query.to) },
      }),
    }),
  ];
}

type Check = (plan: StoredPlan['plan'], mode: 'drill' | 'recovery') => Promise<unknown>;

function checkRoutes(plans: Plans): AnyRoute[] {
  const stored = (
    named: { readonly path: string; readonly operationId: string; readonly summary: string },
    shape: z.ZodType,
    check: Check,
  ): AnyRoute =>
    defineRoute({
      ...named,
      method: 'POST',
      permission: 'plan:read',
      tag,
      params: AtPlan,
      body: WithMode,
      responses: { 200: shape },
      handle: async ({ params, body }) => ({
        status: 200,
        body: await check((await plans.get(params.planId)).plan, body.mode),
      }),
    });
  return [
    defineRoute({
      method: 'POST',
      path: '/recovery-plans/validate',
      permission: 'plan:read',
      operationId: 'validatePlanGiven',
      tag,
      summary: 'Checks a plan that is not kept',
      body: z.strictObject({ plan: Plan, mode: Mode.default('drill') }),
      responses: { 200: Assessment },
      handle: async ({ body: { plan, mode } }) => ({ status: 200, body: await plans.validate(plan, mode) }),
    }),
    stored(
      {
        path: '/recovery-plans/{planId}/validate',
        operationId: 'validatePlan',
        summary: 'Checks a kept plan: its graph, and all of it against the estate',
      },
      Assessment,
      (plan, mode) => plans.validate(plan, mode),
    ),
    stored(
      {
        path: '/recovery-plans/{planId}/dry-run',
        operationId: 'dryRunPlan',
        summary: 'Every AWS call it would make, IAM actions, quotas, expected duration; nothing is done',
      },
      DryRun,
      (plan, mode) => plans.dryRun(plan, mode),
    ),
  ];
}

function answerOf(stored: StoredPlan): Answer {
  return { status: 200, body: stored, revision: stored.version };
}
