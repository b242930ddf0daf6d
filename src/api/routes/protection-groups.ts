import { KeptGroup, type ProtectionGroups } from '#control/protection-groups.ts';
import { ProtectionGroup } from '#core/plan.ts';
import { actorOf } from '../actor.ts';
import { defineRoute, type AnyRoute } from '../route.ts';
import { ResolvedShape, ResolveQuery } from '../shapes/protection-groups.ts';
import { documentRoutes } from './document-routes.ts';

const tag = 'Protection groups';

/** Protection groups: kept, and looked up by tags. */
export function protectionGroupsRoutes(groups: ProtectionGroups): AnyRoute[] {
  return [
    ...documentRoutes({
      documents: groups,
      tag,
      path: '/protection-groups',
      idName: 'groupId',
      plural: 'protectionGroups',
      name: 'ProtectionGroup',
      noun: 'protection group',
      read: 'group:read',
      write: 'group:write',
      body: KeptGroup,
      shape: ProtectionGroup,
    }),
    defineRoute({
      method: 'POST',
      path: '/protection-groups/resolve',
      permission: 'group:read',
      operationId: 'resolveProtectionGroup',
      tag,
      summary: 'The servers that a kept group, or tags and ids, match now',
      description: 'To match nothing is no error: the answer warns of it.',
      body: ResolveQuery,
      responses: { 200: ResolvedShape },
      handle: async (asked) => ({ status: 200, body: await groups.resolve(asked.body, actorOf(asked)) }),
    }),
  ];
}
