import type { Finding, ResourceOutcome } from '#core/outcome.ts';
import type { Technology } from '#core/plan.ts';
import type { TechnologyRecord } from '#core/records.ts';
import { isDone } from './technology-outcomes.ts';

/**
 * What a plan calls optional holds nothing up. An optional technology that cannot start is recorded as failed, and the others
 * go on. An optional resource that its technology should not touch (missing, unhealthy, in use) is recorded as failed, and
 * the technology works on the others: it is not even tried, because what was found wrong may be the reason not to.
 */

type Optional = Pick<Technology, 'criticality' | 'optionalResources'>;

/** Findings about the estate as they count for the plan: an error about what is optional is a warning. */
export function softenFindings(definition: Optional, findings: readonly Finding[]): Finding[] {
  return findings.map((finding) => {
    if (finding.level !== 'error') return finding;
    const named = optionalResourceOf(definition, finding);
    if (named === null && definition.criticality !== 'optional') return finding;
    const what = named ?? 'this technology';
    return {
      ...finding,
      level: 'warning',
      message: `${finding.message} (${what} is optional: the plan runs without it)`,
    };
  });
}

/** What stands against a technology itself, and against optional resources of it, by resource. */
export function splitErrors(
  definition: Optional,
  findings: readonly Finding[],
): { errors: Finding[]; refused: ReadonlyMap<string, Finding> } {
  const errors: Finding[] = [];
  const refused = new Map<string, Finding>();
  for (const finding of findings.filter(({ level }) => level === 'error')) {
    const named = optionalResourceOf(definition, finding);
    if (named === null) errors.push(finding);
    else if (!refused.has(named)) refused.set(named, finding);
  }
  return { errors, refused };
}

/** The optional resource that a finding is about; `null` when it is about anything else. */
function optionalResourceOf({ optionalResources }: Optional, { value, message }: Finding): string | null {
  return (
    optionalResources.find((id) => value === id) ?? optionalResources.find((id) => names(message, id)) ?? null
  );
}

/** Whether the text holds the id as a word of its own, not as a part of another id. */
function names(text: string, id: string): boolean {
  const escaped = id.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
  return new RegExp(`(?<![\\w.-])${escaped}(?![\\w-]|\\.\\w)`).test(text);
}

/** Optional resources that this attempt does not work on. */
export function leftOutResources({
  definition,
  only,
}: Pick<TechnologyRecord, 'definition' | 'only'>): string[] {
  return only === null ? [] : definition.optionalResources.filter((resourceId) => !only.includes(resourceId));
}

/** Whether an attempt that has failed did so in optional resources alone, and has said what became of all the others. */
export function isTolerable(
  { definition, only }: Pick<TechnologyRecord, 'definition' | 'only'>,
  outcomes: readonly ResourceOutcome[],
): boolean {
  const left = outcomes.filter((outcome) => !isDone(outcome));
  const known = new Set(outcomes.map(({ resourceId }) => resourceId));
  return (
    left.length > 0 &&
    left.every(
      ({ status, resourceId }) => status === 'failed' && definition.optionalResources.includes(resourceId),
    ) &&
    (leftOutResources({ definition, only }).length === 0 ||
      only!.every((resourceId) => known.has(resourceId)))
  );
}
