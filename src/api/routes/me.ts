import { isAllowed, PERMISSIONS } from '#core/permissions.ts';
import { z } from 'zod';
import { defineRoute, type AnyRoute } from '../route.ts';
import { RoleShape } from '../shapes/common.ts';

const Me = z
  .object({
    id: z.string(),
    kind: z.enum(['local', 'token', 'oidc', 'iam']),
    name: z.string(),
    roles: z.array(RoleShape),
    permissions: z.array(z.enum(PERMISSIONS)),
    serverId: z.string().describe('What an IAM proof for this server has to name'),
  })
  .meta({ id: 'Me' });

/** Who am I, and what may I do. */
export function meRoutes(serverId: string): AnyRoute[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/me',
      permission: 'authenticated',
      operationId: 'getMe',
      tag: 'Identity',
      summary: 'Who asks, with roles and permissions',
      responses: { 200: Me },
      handle: async ({ principal }) => ({
        status: 200,
        body: {
          ...principal!,
          serverId,
          permissions: PERMISSIONS.filter((one) => isAllowed(principal!, one)),
        },
      }),
    }),
  ];
}
