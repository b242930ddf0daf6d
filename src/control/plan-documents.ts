import { canonicalJson } from '#core/canonical-json.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { Json } from '#core/json.ts';
import type { Plan } from '#core/plan.ts';
import type { PlanVersion } from '#store/plans.ts';
import type { Actor } from './audit-log.ts';
import type { PlaneDeps } from './plane-deps.ts';
import { checkPlanData } from './plan-findings.ts';

/** Throws `PlanInvalid` with every finding of schema and graph. */
export function parsePlan(data: unknown): Plan {
  const { plan, findings } = checkPlanData(data);
  if (plan !== null) return plan;
  const list = findings.slice(0, 3).map(({ path, message }) => `${path}: ${message}`);
  throw new BreakwaterError(
    'PlanInvalid',
    `the plan has ${findings.length} finding${findings.length === 1 ? '' : 's'}: ${list.join('; ')}`,
    { details: { findings: findings as unknown as Json } },
  );
}

/** A new version of a plan that has its id. */
export function versionOf(
  { hash, realNow }: Pick<PlaneDeps, 'hash' | 'realNow'>,
  plan: Plan & { readonly planId: string },
  version: number,
  { by }: Actor,
): PlanVersion {
  return {
    planId: plan.planId,
    version,
    planHash: hash(canonicalJson(plan)),
    updatedAt: new Date(realNow()).toISOString(),
    updatedBy: by,
    plan,
  };
}

/** `Core Banking (EU)` is `core-banking-eu`. */
export function idFrom(name: string): string {
  const id = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 80)
    .replace(/^-+|-+$/g, '');
  if (id !== '') return id;
  throw new BreakwaterError('RequestInvalid', 'a plan that is kept needs a planId, or a name to make one of');
}
