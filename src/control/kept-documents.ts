import type { JsonObject } from '#core/json.ts';
import { DocumentRepository, type DocumentsParams, type Stored } from '#store/documents.ts';
import { requestOf, type Actor, type AuditEntry } from './audit-log.ts';
import { differences } from './differences.ts';
import { requireId, requireSameId } from './document-id.ts';
import type { PlaneDeps } from './plane-deps.ts';

/** Documents that people keep, each change in the evidence. Throws `NotFound` for one that is not there. */
export interface KeptDocuments<T> {
  list(page?: {
    limit?: number;
    cursor?: string | undefined;
  }): Promise<{ items: readonly Stored<T>[]; nextCursor?: string }>;
  /** Throws `AlreadyExists`. */
  create(value: T, actor: Actor): Promise<Stored<T>>;
  get(id: string): Promise<Stored<T>>;
  /** Throws `PreconditionFailed` when it is not at revision `expected` any more, `RequestInvalid` for another id. */
  update(id: string, value: T, expected: number, actor: Actor): Promise<Stored<T>>;
  /** Throws `PreconditionFailed`, and `InUse` if something refers to it. */
  remove(id: string, expected: number, actor: Actor): Promise<void>;
}

export interface KeptDocumentsParams<T> extends Omit<DocumentsParams, 'store'> {
  /** In the evidence: `group` makes `group.create` and `group/web`. */
  readonly kind: string;
  readonly idField: keyof T & string;
  /** Throws `InUse`. */
  readonly refuseRemoval?: (id: string) => Promise<void>;
}

export function keptDocuments<T extends object>(
  deps: PlaneDeps,
  { kind, idField, refuseRemoval = async () => {}, ...where }: KeptDocumentsParams<T>,
): KeptDocuments<T> {
  const documents = new DocumentRepository<T>({ ...where, store: deps.store });
  const idOf = (value: T): string => String(value[idField]);
  const entry = (action: string, id: string, { by, requestId }: Actor, data: JsonObject): AuditEntry => ({
    action: `${kind}.${action}`,
    by,
    target: `${kind}/${id}`,
    ...requestOf({ requestId }),
    data,
  });
  const get = async (id: string): Promise<Stored<T>> => {
    requireId(where.noun, id);
    return documents.get(id);
  };
  return {
    get,
    async list({ limit, cursor } = {}) {
      const { items, cursor: nextCursor } = await documents.list({
        ...(limit === undefined ? {} : { limit }),
        ...(cursor === undefined ? {} : { cursor }),
      });
      return { items, ...(nextCursor === undefined ? {} : { nextCursor }) };
    },
    async create(value, actor) {
      const created = entry('create', idOf(value), actor, { revision: 1 });
      return deps.audit.change(created, (announcement) =>
        documents.create(idOf(value), value, [announcement]),
      );
    },
    async update(id, value, expected, actor) {
      requireSameId(idField, idOf(value), id);
      const before = await get(id);
      const changed = differences(before.value, value).map(({ path }) => path);
      const updated = entry('update', id, actor, { revision: expected + 1, changed: changed.slice(0, 50) });
      return deps.audit.change(updated, (announcement) =>
        documents.update(id, value, expected, [announcement]),
      );
    },
    async remove(id, expected, actor) {
      await get(id);
      await refuseRemoval(id);
      const deleted = entry('delete', id, actor, { revision: expected });
      await deps.audit.change(deleted, (announcement) => documents.remove(id, expected, [announcement]));
    },
  };
}
