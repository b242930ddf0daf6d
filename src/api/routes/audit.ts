import type { Audit } from '#control/audit.ts';
import type { Evidence } from '#control/evidence.ts';
import { Plan } from '#core/plan.ts';
import { z } from 'zod';
import { actorOf } from '../actor.ts';
import { defineRoute, type AnyRoute } from '../route.ts';
import { NextCursor, PageQuery, Timestamp } from '../shapes/common.ts';
import { ExecutionEvent, Export } from '../shapes/executions.ts';

const tag = 'Evidence';

const Record = z
  .object({
    sequence: z.int(),
    at: Timestamp,
    action: z.string(),
    by: z.string(),
    target: z.string(),
    executionId: z.string().optional(),
    requestId: z.string().optional(),
    data: z.record(z.string(), z.json()),
  })
  .meta({ id: 'AuditRecord' });
const Link = z.object({ sequence: z.int(), recordHash: z.string(), hash: z.string() });
const Chained = Link.extend({ record: Record }).meta({ id: 'ChainedAuditRecord' });

const Verdict = z
  .object({
    ok: z.boolean(),
    records: z.int(),
    head: z.string(),
    total: z.int().describe('How many records there are'),
    broken: z.object({ sequence: z.int(), why: z.string() }).optional(),
    nextCursor: z.string().optional().describe('Not all was looked at: go on with it'),
  })
  .meta({ id: 'AuditVerdict' });

const Bundle = z
  .object({
    executionId: z.string(),
    serverId: z.string(),
    plan: Plan,
    export: Export,
    timeline: z.array(ExecutionEvent.pick({ sequence: true, at: true, code: true, data: true })),
    previous: z.string().describe('The hash before the first link'),
    links: z.array(Link.extend({ record: Record.optional().describe('Only of this execution') })),
    last: Link,
  })
  .meta({ id: 'EvidenceBundle' });

/** The audit trail, and the evidence of an execution. */
export function auditRoutes(audit: Audit, evidence: Evidence): AnyRoute[] {
  const executionId = z.string().min(1).max(128);
  return [
    defineRoute({
      method: 'GET',
      path: '/audit',
      permission: 'audit:read',
      operationId: 'listAudit',
      tag,
      summary: 'The audit trail, oldest first',
      description: 'A page may hold fewer than `limit` and still have a next one, when few records match.',
      query: PageQuery.extend({
        executionId: executionId.optional(),
        action: z.string().min(1).max(128).optional().describe('Such as `plan.update` or `aws.call`'),
        by: z.string().min(1).max(512).optional().describe('The id of a principal'),
        from: z.iso.datetime({ offset: true }).optional(),
        to: z.iso.datetime({ offset: true }).optional().describe('Not included'),
      }),
      responses: { 200: z.object({ records: z.array(Chained), nextCursor: NextCursor }) },
      handle: async ({ query }) => ({ status: 200, body: await audit.list(withoutUndefined(query)) }),
    }),
    defineRoute({
      method: 'POST',
      path: '/audit/verify',
      permission: 'audit:read',
      operationId: 'verifyAudit',
      tag,
      summary: 'Proves the whole chain, or names its first broken link',
      description:
        'With `limit` a part of it, within some 15 seconds: `ok` is said of what was looked at. A part begins behind the link that the part before ended with, so those from the first to the one without `nextCursor` prove the whole together.',
      query: z.strictObject({
        limit: z.coerce
          .number()
          .int()
          .min(1)
          .max(1_000_000)
          .optional()
          .describe('Records to look at, at most'),
        cursor: z.string().max(200).optional().describe('`nextCursor` of the part before'),
      }),
      responses: { 200: Verdict },
      handle: async ({ query: { cursor, limit } }) => {
        const isPart = cursor !== undefined || limit !== undefined;
        const part = { limit: limit ?? 1_000_000, ...(cursor === undefined ? {} : { cursor }) };
        return { status: 200, body: await audit.verify(isPart ? part : undefined) };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/executions/{executionId}/evidence',
      permission: 'audit:read',
      operationId: 'getEvidence',
      tag,
      summary: 'The evidence bundle of an execution, in one download',
      description: 'Verify it anywhere with `breakwater audit verify --bundle FILE`.',
      params: z.strictObject({ executionId }),
      responses: { 200: Bundle },
      handle: async (asked) => ({
        status: 200,
        body: await evidence.bundle(asked.params.executionId, actorOf(asked)),
        headers: { 'content-disposition': 'attachment; filename="evidence.json"' },
      }),
    }),
    defineRoute({
      method: 'GET',
      path: '/executions/{executionId}/junit',
      permission: 'execution:read',
      operationId: 'getJunit',
      tag,
      summary: 'The outcomes as JUnit XML, for pipelines',
      params: z.strictObject({ executionId }),
      responses: { 200: { contentType: 'application/xml', description: 'JUnit XML' } },
      handle: async ({ params }) => ({ status: 200, body: await evidence.junit(params.executionId) }),
    }),
  ];
}

function withoutUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as never;
}
