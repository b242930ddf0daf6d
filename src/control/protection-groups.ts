import { BreakwaterError } from '#core/errors.ts';
import { ProtectionGroup, type Plan } from '#core/plan.ts';
import { DocumentRepository } from '#store/documents.ts';
import { PlanRepository } from '#store/plans.ts';
import type { Store } from '#store/port.ts';
import { z } from 'zod';
import type { Actor } from './audit-log.ts';
import { DOCUMENT_ID } from './document-id.ts';
import { keptDocuments, type KeptDocuments } from './kept-documents.ts';
import type { PlaneDeps } from './plane-deps.ts';
import { requestDoor } from './request-door.ts';
import { resolveGroup, type GroupQuery, type Resolved } from './resolve-group.ts';

/** A protection group that can be kept: its id fits into a path. */
export const KeptGroup = ProtectionGroup.refine(({ groupId }) => DOCUMENT_ID.test(groupId), {
  message: 'expected letters, digits, blank, dot, colon, dash and underscore, at most 80',
  path: ['groupId'],
});

const WHERE = { table: 'protection-groups', noun: 'protection group' } as const;

export interface ProtectionGroups extends KeptDocuments<ProtectionGroup> {
  /** The servers that a kept group, or tags and ids, match now. */
  resolve(query: GroupQuery, actor: Actor): Promise<Resolved>;
}

/** The stored groups as executions ask for them; `null`: not stored. */
export function protectionGroupSource(store: Store): (groupId: string) => Promise<ProtectionGroup | null> {
  const documents = new DocumentRepository<ProtectionGroup>({ ...WHERE, store });
  return async (groupId) =>
    DOCUMENT_ID.test(groupId) ? ((await documents.find(groupId))?.value ?? null) : null;
}

/** A group that a stored plan names is not removed. */
export function createProtectionGroups(deps: PlaneDeps): ProtectionGroups {
  const documents = keptDocuments<ProtectionGroup>(deps, {
    ...WHERE,
    kind: 'group',
    idField: 'groupId',
    refuseRemoval: async (groupId) => {
      const users = await plansThatName(deps.store, groupId);
      if (users.length === 0) return;
      const message = `protection group ${JSON.stringify(groupId)} is named by ${users.join(', ')}`;
      throw new BreakwaterError('InUse', message, { details: { usedBy: users } });
    },
  });
  return {
    ...documents,
    async resolve(query, { requestId }) {
      const group = query.groupId === undefined ? {} : (await documents.get(query.groupId)).value;
      const door = requestDoor(deps, { requestId });
      return resolveGroup(door, { ...group, ...query }, deps.services.signal);
    },
  };
}

/** `plan core-banking` for each stored plan that names the group and does not define it itself. */
async function plansThatName(store: Store, groupId: string): Promise<string[]> {
  const repository = new PlanRepository(store);
  const users: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await repository.list({ limit: 100, ...(cursor === undefined ? {} : { cursor }) });
    const named = page.plans.filter(({ kept }) => groupsNamedBy(kept.plan).has(groupId));
    users.push(...named.map(({ kept }) => `plan ${kept.planId}`));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return users;
}

const NamesGroups = z.object({ protectionGroups: z.array(z.string()) });

/** Ids of the groups that a plan needs from the store. */
export function groupsNamedBy({ waves, scripts, protectionGroups }: Plan): Set<string> {
  const places: unknown[] = [
    ...waves.flatMap(({ technologies }) => technologies.map(({ resources }) => resources)),
    ...Object.values(scripts).map((script) => ('targets' in script ? script.targets : {})),
  ];
  const named = new Set(places.flatMap((place) => NamesGroups.safeParse(place).data?.protectionGroups ?? []));
  for (const { groupId } of protectionGroups) named.delete(groupId);
  return named;
}
