import type { Json } from '#core/json.ts';
import type { Plan } from '#core/plan.ts';
import type { Store, TableName, Write } from './port.ts';

/** A version of a plan. */
export interface PlanVersion {
  readonly planId: string;
  /** From 1; goes on where it was when a plan is removed and made again, so that a version is one content for ever. */
  readonly version: number;
  /** SHA-256 of its content. */
  readonly planHash: string;
  readonly updatedAt: string;
  readonly updatedBy: string;
  readonly plan: Plan;
}

/** The newest version, with the revision of its row (not the version: a row that was removed begins anew). */
export interface NewestPlan {
  readonly revision: number;
  readonly kept: PlanVersion;
}

const TABLE: TableName = 'recovery-plans';
const VERSIONS: TableName = 'platform-records';

/** Plans by id, and all their versions, which outlive them. */
export class PlanRepository {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async find(planId: string): Promise<NewestPlan | null> {
    const row = await this.#store.get({ table: TABLE, key: { partition: planId, sort: '' } });
    return row === null ? null : { revision: row.revision, kept: row.value as unknown as PlanVersion };
  }

  async list(page: { limit?: number; cursor?: string }): Promise<{ plans: NewestPlan[]; cursor?: string }> {
    const { rows, ...rest } = await this.#store.scan({ table: TABLE, ...page });
    const plans = rows.map(({ revision, value }) => ({ revision, kept: value as unknown as PlanVersion }));
    return { plans, ...rest };
  }

  async version(planId: string, version: number): Promise<PlanVersion | null> {
    const row = await this.#store.get({ table: VERSIONS, key: versionKey(planId, version) });
    return row === null ? null : (row.value as unknown as PlanVersion);
  }

  /** The newest first. */
  async versions(
    planId: string,
    page: { limit?: number; cursor?: string } = {},
  ): Promise<{ versions: PlanVersion[]; cursor?: string }> {
    const { partition } = versionKey(planId, 1);
    const { rows, ...rest } = await this.#store.query({
      table: VERSIONS,
      partition,
      order: 'descending',
      ...page,
    });
    return { versions: rows.map(({ value }) => value as unknown as PlanVersion), ...rest };
  }

  /** 0 for a plan that has never been. */
  async lastVersion(planId: string): Promise<number> {
    return (await this.versions(planId, { limit: 1 })).versions[0]?.version ?? 0;
  }

  /** Puts a new version in place of `before`; both rows together. */
  writesFor(kept: PlanVersion, before: NewestPlan | null): Write[] {
    const value = kept as unknown as Json;
    const key = { partition: kept.planId, sort: '' };
    return [
      { kind: 'put', table: TABLE, key, value, expect: before?.revision ?? 'absent' },
      {
        kind: 'put',
        table: VERSIONS,
        key: versionKey(kept.planId, kept.version),
        value,
        expect: 'absent',
      },
    ];
  }

  /** `along` is written in the same transaction. */
  async write(kept: PlanVersion, before: NewestPlan | null, along: readonly Write[] = []): Promise<void> {
    await this.#store.write([...this.writesFor(kept, before), ...along]);
  }

  async remove({ revision, kept }: NewestPlan, along: readonly Write[] = []): Promise<void> {
    const key = { partition: kept.planId, sort: '' };
    await this.#store.write([{ kind: 'remove', table: TABLE, key, expect: revision }, ...along]);
  }
}

function versionKey(planId: string, version: number): { partition: string; sort: string } {
  return { partition: `plan-versions/${planId}`, sort: String(version).padStart(9, '0') };
}
