import type { Approvals } from '#control/approvals.ts';
import { hasCode } from '#core/errors.ts';
import { durationProblem, readDuration } from '#core/duration.ts';
import { z } from 'zod';
import { failureBrake } from '../identity/failure-brake.ts';
import { defineRoute, type AnyRoute } from '../route.ts';
import { ApprovalResultShape, WaitingApprovals } from '../shapes/approvals.ts';
import { Reason, RoleShape, Timestamp } from '../shapes/common.ts';

const tag = 'Approvals';
const Id = z.string().min(1).max(128);

const NewLink = z.strictObject({
  executionId: Id,
  gateId: Id,
  forPrincipal: z
    .strictObject({
      id: z.string().min(1).max(512),
      name: z.string().min(1).max(128).optional().describe('For people to read; default: the id'),
      roles: z.array(RoleShape).min(1).max(5),
    })
    .describe('Who it counts as: the id that they have here as well'),
  expiresIn: z
    .string()
    .refine((text) => readDuration(text) !== null, { error: ({ input }) => durationProblem(String(input)) })
    .default('PT24H')
    .describe('ISO 8601 duration, at most P7D'),
});

const UseLink = z.strictObject({
  token: z.string().min(1).max(8_192),
  action: z.enum(['approve', 'reject']),
  reason: Reason.optional().describe('A rejection needs it'),
  changeTicket: z.string().min(1).max(128).optional(),
});

/** Approvals that wait for me, and one-time links. Approving with a login is `POST /executions/{executionId}/gates/{gateId}`. */
export function approvalsRoutes(approvals: Approvals, now: () => number): AnyRoute[] {
  return [waitingRoute(approvals), createLinkRoute(approvals), useLinkRoute(approvals, now)];
}

function waitingRoute(approvals: Approvals): AnyRoute {
  return defineRoute({
    method: 'GET',
    path: '/approvals',
    permission: 'gate:approve',
    operationId: 'listApprovals',
    tag,
    summary: 'Approvals that wait for me: where mine would still count',
    responses: { 200: WaitingApprovals },
    handle: async ({ principal }) => ({
      status: 200,
      body: { approvals: await approvals.waitingFor(principal!) },
    }),
  });
}

function createLinkRoute(approvals: Approvals): AnyRoute {
  return defineRoute({
    method: 'POST',
    path: '/approvals/links',
    permission: ['gate:approve', 'token:write'],
    operationId: 'createApprovalLink',
    tag,
    summary: 'Makes a one-time link that works without login; it is in this answer and nowhere else',
    description:
      'For oneself it needs `gate:approve`, for others `token:write`. The starter of the execution cannot make one.',
    body: NewLink,
    responses: { 201: z.object({ token: z.string(), expiresAt: Timestamp }).meta({ id: 'ApprovalLink' }) },
    handle: async ({ body: { forPrincipal, ...body }, principal, requestId }) => {
      const { id, name = id, roles } = forPrincipal;
      const link = { ...body, maker: principal!, forPrincipal: { id, name, roles }, requestId };
      return { status: 201, body: await approvals.createLink(link) };
    },
  });
}

function useLinkRoute(approvals: Approvals, now: () => number): AnyRoute {
  const brake = failureBrake(now);
  return defineRoute({
    method: 'POST',
    path: '/approvals/links/use',
    permission: 'public',
    operationId: 'useApprovalLink',
    tag,
    summary: 'Approves or rejects by a one-time link, without login',
    description: 'An address that presents what is no link is slowed down.',
    body: UseLink,
    responses: { 200: ApprovalResultShape },
    handle: async ({ body: { token, ...act }, requestId, address }) => {
      brake.refuseIfBraked([address]);
      try {
        return { status: 200, body: await approvals.useLink(token, { ...act, requestId, address }) };
      } catch (error) {
        if (hasCode(error, 'Unauthenticated')) brake.note([address]);
        throw error;
      }
    },
  });
}
