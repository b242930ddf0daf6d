import { BreakwaterError, hasCode } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import type { Plan } from '#core/plan.ts';
import type { ExecutionMode } from '#core/view.ts';
import { PlanRepository, type NewestPlan, type PlanVersion } from '#store/plans.ts';
import { requestOf, type Actor, type AuditEntry } from './audit-log.ts';
import type { Control, PlanAssessment } from './control.ts';
import { differences, type Difference } from './differences.ts';
import { requireSameId } from './document-id.ts';
import { dryRunOf, type DryRun } from './dry-run.ts';
import type { PlaneDeps } from './plane-deps.ts';
import { idFrom, parsePlan, versionOf } from './plan-documents.ts';

/** A plan that is kept: each change makes a new version, which is its ETag, and the ones before stay. */
export type StoredPlan = PlanVersion;
export type PlanSummary = Omit<StoredPlan, 'plan'> & { readonly name: string; readonly waves: number };

export interface PageParams {
  readonly limit?: number;
  readonly cursor?: string | undefined;
}

/** The plans of the control plane. Throws `NotFound` for a plan or a version that is not there. */
export interface Plans {
  list(page?: PageParams): Promise<{ plans: PlanSummary[]; nextCursor?: string }>;
  /**
   * Throws `PlanInvalid` with every finding in `details.findings`, `AlreadyExists`. A plan without an id gets one from its
   * name.
   */
  create(plan: unknown, actor: Actor): Promise<StoredPlan>;
  get(planId: string, version?: number): Promise<StoredPlan>;
  /**
   * Throws `PreconditionFailed` when `expected` is not the newest version, `PlanInvalid`. The same content again makes no new
   * version.
   */
  update(planId: string, plan: unknown, expected: number, actor: Actor): Promise<StoredPlan>;
  /** Throws `InUse` while an unfinished execution runs it, or a schedule or trigger refers to it. */
  remove(planId: string, expected: number, actor: Actor): Promise<void>;
  /** The newest first. */
  versions(planId: string, page?: PageParams): Promise<{ versions: PlanSummary[]; nextCursor?: string }>;
  diff(planId: string, from: number, to: number): Promise<Difference[]>;
  validate(plan: Plan, mode: ExecutionMode): Promise<PlanAssessment>;
  /** Everything that an execution would ask of AWS. Nothing is done. */
  dryRun(plan: Plan, mode: ExecutionMode): Promise<DryRun>;
}

export interface PlansParams {
  /** What else refers to a plan and stands against its removal, in words: `schedule nightly`. */
  readonly referrers?: (planId: string) => Promise<readonly string[]>;
}

export function createPlans(
  deps: PlaneDeps,
  control: Pick<Control, 'validatePlan'>,
  { referrers = async () => [] }: PlansParams = {},
): Plans {
  const repository = new PlanRepository(deps.store);
  const usersOf = async (planId: string): Promise<string[]> => {
    const heads = (await deps.services.executions.unfinished()).filter((head) => head.planId === planId);
    return [...heads.map(({ executionId }) => `execution ${executionId}`), ...(await referrers(planId))];
  };
  return {
    ...readPlans(repository),
    ...changePlans(deps, repository, usersOf),
    validate: (plan, mode) => control.validatePlan({ plan, mode }),
    async dryRun(plan, mode) {
      return dryRunOf(deps.services, await control.validatePlan({ plan, mode }));
    },
  };
}

function readPlans(repository: PlanRepository): Pick<Plans, 'list' | 'get' | 'versions' | 'diff'> {
  const get = async (planId: string, version?: number): Promise<StoredPlan> => {
    const { kept } = await newest(repository, planId);
    if (version === undefined || version === kept.version) return kept;
    const found = await repository.version(planId, version);
    if (found !== null) return found;
    const message = `recovery plan ${quote(planId)} has no version ${version}; the newest is ${kept.version}`;
    throw new BreakwaterError('NotFound', message);
  };
  return {
    get,
    async list(page = {}) {
      const { plans, cursor } = await repository.list(pageOf(page));
      return { plans: plans.map(({ kept }) => summaryOf(kept)), ...nextOf(cursor) };
    },
    async versions(planId, page = {}) {
      await newest(repository, planId);
      const { versions, cursor } = await repository.versions(planId, pageOf(page));
      return { versions: versions.map(summaryOf), ...nextOf(cursor) };
    },
    async diff(planId, from, to) {
      const [before, after] = await Promise.all([get(planId, from), get(planId, to)]);
      return differences(before.plan, after.plan);
    },
  };
}

function changePlans(
  deps: PlaneDeps,
  repository: PlanRepository,
  usersOf: (planId: string) => Promise<readonly string[]>,
): Pick<Plans, 'create' | 'update' | 'remove'> {
  const entry = (action: string, planId: string, { by, requestId }: Actor, data: JsonObject): AuditEntry => ({
    action: `plan.${action}`,
    by,
    target: `plan/${planId}`,
    ...requestOf({ requestId }),
    data,
  });
  return {
    async create(data, actor) {
      const given = parsePlan(data);
      const planId = given.planId ?? idFrom(given.name ?? '');
      const version = (await repository.lastVersion(planId)) + 1;
      const kept = versionOf(deps, { ...given, planId }, version, actor);
      const created = entry('create', planId, actor, { version, planHash: kept.planHash });
      try {
        await deps.audit.change(created, (announcement) => repository.write(kept, null, [announcement]));
      } catch (cause) {
        if (!hasCode(cause, 'RevisionConflict')) throw cause;
        const message = `recovery plan ${quote(planId)} exists already`;
        throw new BreakwaterError('AlreadyExists', message, { cause });
      }
      return kept;
    },
    async update(planId, data, expected, actor) {
      const given = parsePlan(data);
      requireSameId('planId', given.planId, planId);
      const before = await newestAt(repository, planId, expected);
      const kept = versionOf(deps, { ...given, planId }, expected + 1, actor);
      const { version, planHash } = kept;
      if (planHash === before.kept.planHash) return before.kept;
      const changed = differences(before.kept.plan, kept.plan).map(({ path }) => path);
      const updated = entry('update', planId, actor, { version, planHash, changed: changed.slice(0, 50) });
      await conditional(repository, before, () =>
        deps.audit.change(updated, (announcement) => repository.write(kept, before, [announcement])),
      );
      return kept;
    },
    async remove(planId, expected, actor) {
      const before = await newestAt(repository, planId, expected);
      const usedBy = [...(await usersOf(planId))];
      if (usedBy.length > 0) {
        const message = `recovery plan ${quote(planId)} is used by ${usedBy.join(', ')}`;
        throw new BreakwaterError('InUse', message, { details: { usedBy } });
      }
      const deleted = entry('delete', planId, actor, { version: expected });
      await conditional(repository, before, () =>
        deps.audit.change(deleted, (announcement) => repository.remove(before, [announcement])),
      );
    },
  };
}

/** As `Plan.planId` has it: what is not like this cannot be there, nor be asked of every store. */
const PLAN_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/;

/** Throws `NotFound`. */
async function newest(repository: PlanRepository, planId: string): Promise<NewestPlan> {
  const found = PLAN_ID.test(planId) ? await repository.find(planId) : null;
  if (found === null) throw new BreakwaterError('NotFound', `there is no recovery plan ${quote(planId)}`);
  return found;
}

/** Throws `NotFound`, or `PreconditionFailed` when `expected` is not the newest version. */
async function newestAt(repository: PlanRepository, planId: string, expected: number): Promise<NewestPlan> {
  const found = await newest(repository, planId);
  if (found.kept.version !== expected) throw changedSince(expected, found.kept);
  return found;
}

/** A write that finds the plan changed meanwhile throws `PreconditionFailed`. */
async function conditional(
  repository: PlanRepository,
  { kept: { planId, version } }: NewestPlan,
  write: () => Promise<void>,
): Promise<void> {
  try {
    await write();
  } catch (cause) {
    if (!hasCode(cause, 'RevisionConflict')) throw cause;
    throw changedSince(version, (await newest(repository, planId)).kept, cause);
  }
}

function changedSince(expected: number, { planId, version }: PlanVersion, cause?: unknown): BreakwaterError {
  return new BreakwaterError(
    'PreconditionFailed',
    `recovery plan ${quote(planId)} has changed since version ${expected} was read; it is at version ${version} now`,
    { details: { revision: version }, ...(cause === undefined ? {} : { cause }) },
  );
}

function summaryOf({ plan, ...rest }: StoredPlan): PlanSummary {
  return { ...rest, name: plan.name ?? rest.planId, waves: plan.waves.length };
}

function pageOf({ limit, cursor }: PageParams): { limit?: number; cursor?: string } {
  return { ...(limit === undefined ? {} : { limit }), ...(cursor === undefined ? {} : { cursor }) };
}

function nextOf(cursor: string | undefined): { nextCursor?: string } {
  return cursor === undefined ? {} : { nextCursor: cursor };
}

function quote(id: string): string {
  return JSON.stringify(id);
}
