import type { Json, JsonObject } from '#core/json.ts';
import { Plan, ProtectionGroup } from '#core/plan.ts';
import { DocumentRepository } from '#store/documents.ts';
import { PlanRepository, type NewestPlan } from '#store/plans.ts';
import type { Store, TableName, Write } from '#store/port.ts';
import { z } from 'zod';
import type { Actor } from './audit-log.ts';
import type { PlaneDeps } from './plane-deps.ts';
import { parsePlan, versionOf } from './plan-documents.ts';
import { KeptGroup } from './protection-groups.ts';
import { Settings } from './settings.ts';
import { TargetAccount } from './target-accounts.ts';

/** A document as it is kept. */
export interface Kept {
  readonly id: string;
  /** What an export shows, and what an import is compared with: no secrets. */
  readonly value: JsonObject;
  /** The collection's own, for the writes. */
  readonly row: unknown;
}

/** A kind of document that the configuration consists of. */
export interface Collection {
  /** The member of an export: `recoveryPlans`. */
  readonly name: string;
  /** One document of an export. */
  readonly schema: z.ZodType;
  idOf(value: JsonObject): string;
  all(): Promise<readonly Kept[]>;
  /** What is not said by the schema. Throws a `BreakwaterError` with `details.findings`. */
  readonly check?: (value: JsonObject) => void;
  /** Puts a document in place of the one that is kept, or anew. */
  writesFor(value: JsonObject, kept: Kept | null, actor: Actor): Promise<readonly Write[]>;
}

export interface DocumentCollectionParams {
  readonly store: Store;
  readonly table: TableName;
  readonly partition?: string;
  readonly name: string;
  /** Parses a document of an export. */
  readonly schema: z.ZodType;
  /** The member that is the id: `scheduleId`. */
  readonly idField: string;
  /** Adds to a new value what an export does not show, such as the kept one's secret. `null`: it is new. */
  readonly complete?: (value: JsonObject, kept: JsonObject | null) => JsonObject;
  /** A kept document as an export shows it; by default all of it. */
  readonly expose?: (kept: JsonObject) => JsonObject;
}

/** Documents of a `DocumentRepository`. */
export function documentCollection(params: DocumentCollectionParams): Collection {
  const { store, table, partition, name, schema, idField } = params;
  const { expose = (kept) => kept, complete = (value) => value } = params;
  // The schema has seen to it that the id is text.
  const idOf = (value: JsonObject): string => value[idField] as string;
  const repository = new DocumentRepository<JsonObject>({
    store,
    table,
    noun: name,
    ...(partition === undefined ? {} : { partition }),
  });
  return {
    name,
    schema,
    idOf,
    async all() {
      const found = await readAll((page) => repository.list(page));
      return found.map((row) => ({ id: row.id, value: expose(row.value), row }));
    },
    async writesFor(value, kept) {
      const id = idOf(value);
      const row = kept?.row as { revision: number; value: JsonObject } | undefined;
      const key = partition === undefined ? { partition: id, sort: '' } : { partition, sort: id };
      const whole: Json = complete(value, row?.value ?? null);
      return [{ kind: 'put', table, key, value: whole, expect: row?.revision ?? 'absent' }];
    },
  };
}

/** What every Breakwater has. A host adds schedules and triggers. */
export function ownCollections(deps: PlaneDeps): Collection[] {
  const { store } = deps;
  return [
    planCollection(deps),
    documentCollection({
      store,
      table: 'protection-groups',
      name: 'protectionGroups',
      schema: KeptGroup satisfies z.ZodType<ProtectionGroup>,
      idField: 'groupId',
    }),
    documentCollection({
      store,
      table: 'target-accounts',
      name: 'targetAccounts',
      schema: TargetAccount,
      idField: 'accountId',
    }),
  ];
}

/** The one document of settings, as a collection: with the id `settings`. */
export function settingsCollection(store: Store): Collection {
  const inner = documentCollection({
    store,
    table: 'platform-records',
    partition: 'settings',
    name: 'settings',
    schema: Settings,
    idField: '',
  });
  const key = { partition: 'settings', sort: 'settings' };
  return {
    ...inner,
    idOf: () => 'settings',
    writesFor: async (value, kept) => {
      const row = kept?.row as { revision: number } | undefined;
      return [{ kind: 'put', table: 'platform-records', key, value, expect: row?.revision ?? 'absent' }];
    },
  };
}

function planCollection(deps: PlaneDeps): Collection {
  const repository = new PlanRepository(deps.store);
  return {
    name: 'recoveryPlans',
    schema: Plan.refine(({ planId }) => planId !== undefined, {
      message: 'expected a planId: an import puts a plan in place by it',
      path: ['planId'],
    }),
    idOf: ({ planId }) => planId as string,
    check: parsePlan,
    async all() {
      const found = await readAll(async (page) => {
        const { plans, ...rest } = await repository.list(page);
        return { items: plans, ...rest };
      });
      return found.map((row) => ({
        id: row.kept.planId,
        value: row.kept.plan as unknown as JsonObject,
        row,
      }));
    },
    async writesFor(value, kept, actor) {
      const plan = value as unknown as Plan & { planId: string };
      const before = (kept?.row ?? null) as NewestPlan | null;
      const version = (before?.kept.version ?? (await repository.lastVersion(plan.planId))) + 1;
      return repository.writesFor(versionOf(deps, plan, version, actor), before);
    },
  };
}

async function readAll<T>(
  list: (page: { limit: number; cursor?: string }) => Promise<{ items: readonly T[]; cursor?: string }>,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await list({ limit: 100, ...(cursor === undefined ? {} : { cursor }) });
    items.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return items;
}
