import { hasCode } from '#core/errors.ts';
import type { Services } from '#workflow/services.ts';
import type { PlanAssessment } from './control.ts';

type Technology = PlanAssessment['waves'][number]['technologies'][number];

/** Where in the plan something would be done. */
interface At {
  readonly waveNumber: number;
  readonly type: string;
  readonly operation: string;
}

/** An execution on paper: everything that it would ask of AWS. */
export interface DryRun extends PlanAssessment {
  /** No finding is an error: it could start. */
  readonly ready: boolean;
  /** The calls that change something, in the order of the waves, with account and Region where the adapter says. */
  readonly calls: readonly (Technology['calls'][number] & At)[];
  readonly quotas: readonly (Technology['quotas'][number] & At)[];
  /** What the plan's operations need at most, reads included: what a role's policy has to allow. Sorted, each once. */
  readonly iamActions: readonly string[];
}

/** Shapes an assessment as a dry run. */
export function dryRunOf(services: Pick<Services, 'findOperation'>, assessment: PlanAssessment): DryRun {
  const technologies = assessment.waves.flatMap(({ waveNumber, technologies: list }) =>
    list.map((technology) => ({ technology, at: placeOf(waveNumber, technology) })),
  );
  const calls = technologies.flatMap(({ technology, at }) =>
    technology.calls.map((call) => ({ ...call, ...at })),
  );
  const actions = [
    ...calls.flatMap(({ iamAction }) => iamAction ?? []),
    ...technologies.flatMap(({ at }) => declaredActions(services, at)),
  ];
  return {
    ...assessment,
    ready: !assessment.findings.some(({ level }) => level === 'error'),
    calls,
    quotas: technologies.flatMap(({ technology, at }) =>
      technology.quotas.map((quota) => ({ ...quota, ...at })),
    ),
    iamActions: [...new Set(actions)].sort(),
  };
}

function placeOf(waveNumber: number, { type, operation }: Technology): At {
  return { waveNumber, type, operation };
}

function declaredActions({ findOperation }: Pick<Services, 'findOperation'>, at: At): readonly string[] {
  try {
    const { iamActions, dependentActions = [] } = findOperation(at.type, at.operation);
    return [...iamActions, ...dependentActions.flatMap(({ actions }) => actions)];
  } catch (error) {
    // The assessment has a finding about it.
    if (hasCode(error, 'OperationUnknown')) return [];
    throw error;
  }
}
