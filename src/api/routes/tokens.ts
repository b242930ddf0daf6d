import type { Tokens } from '#control/tokens.ts';
import { z } from 'zod';
import { actorOf } from '../actor.ts';
import { defineRoute, type AnyRoute } from '../route.ts';
import { NextCursor, PageQuery, RoleShape, Timestamp } from '../shapes/common.ts';

const tag = 'Identity';

const Token = z
  .object({
    tokenId: z.string(),
    name: z.string(),
    roles: z.array(RoleShape),
    createdAt: Timestamp,
    createdBy: z.string(),
    expiresAt: Timestamp,
    lastUsedAt: Timestamp.optional(),
  })
  .meta({ id: 'Token' });

const NewToken = z.strictObject({
  name: z.string().min(1).max(128),
  roles: z.array(RoleShape).min(1).max(5),
  expiresInDays: z.int().min(1).max(365).default(90),
});

/** Local tokens: list, create, revoke. */
export function tokensRoutes(tokens: Tokens): AnyRoute[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/tokens',
      permission: 'token:read',
      operationId: 'listTokens',
      tag,
      summary: 'Lists local tokens, without their secrets',
      query: PageQuery,
      responses: { 200: z.object({ tokens: z.array(Token), nextCursor: NextCursor }) },
      handle: async ({ query: { limit, cursor } }) => ({
        status: 200,
        body: await tokens.list({ limit, ...(cursor === undefined ? {} : { cursor }) }),
      }),
    }),
    defineRoute({
      method: 'POST',
      path: '/tokens',
      permission: 'token:write',
      operationId: 'createToken',
      tag,
      summary: 'Makes a local token; its text is in this answer and nowhere else',
      body: NewToken,
      responses: { 201: Token.extend({ token: z.string() }).meta({ id: 'TokenWithSecret' }) },
      handle: async ({ body, principal, requestId }) => {
        const token = await tokens.create(body, principal!, requestId);
        return { status: 201, body: token, headers: { location: `/tokens/${token.tokenId}` } };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/tokens/{tokenId}',
      permission: 'token:write',
      operationId: 'revokeToken',
      tag,
      summary: 'Revokes a local token at once',
      params: z.strictObject({ tokenId: z.string().min(1).max(128) }),
      responses: { 204: null },
      handle: async (asked) => {
        await tokens.revoke(asked.params.tokenId, actorOf(asked));
        return { status: 204 };
      },
    }),
  ];
}
