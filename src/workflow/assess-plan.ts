import type { Assessment } from '#adapters/contract.ts';
import { isBreakwaterError, messageOf, BreakwaterError } from '#core/errors.ts';
import type { Finding } from '#core/outcome.ts';
import type { Plan, Technology } from '#core/plan.ts';
import type { HeadRecord, TechnologyRecord } from '#core/records.ts';
import type { ExecutionMode } from '#core/view.ts';
import { schemaFindings } from '#core/schema-findings.ts';
import { checkWaves } from '#core/wave-graph.ts';
import { workOf } from './context.ts';
import { isLeftOut } from './drill-policy.ts';
import { softenFindings } from './optional-parts.ts';
import type { Services } from './services.ts';

/** A technology of a plan with what its adapter says of it; `assessment` is `null` where it could not be asked. */
export interface AssessedTechnology {
  readonly waveNumber: number;
  readonly technologyIndex: number;
  readonly definition: Technology;
  readonly assessment: Assessment | null;
}

/**
 * Checks a plan: its graph, each technology's own schema, and all of it against the estate. Paths of the findings are
 * whole. Reads only.
 */
export async function assessPlan(
  services: Services,
  plan: Plan,
  mode: ExecutionMode,
): Promise<{ findings: Finding[]; technologies: AssessedTechnology[] }> {
  const findings = checkWaves(plan.waves);
  const technologies: AssessedTechnology[] = [];
  for (const [waveIndex, wave] of plan.waves.entries()) {
    const assessed = await Promise.all(
      wave.technologies.map(async (definition, technologyIndex) => {
        const place = { waveNumber: wave.waveNumber, technologyIndex, definition };
        const { assessment, found } = await assessOne(services, plan, mode, place);
        const path = `waves[${waveIndex}].technologies[${technologyIndex}]`;
        findings.push(...found.map((finding) => placed(finding, path)));
        return { ...place, assessment };
      }),
    );
    technologies.push(...assessed);
  }
  return { findings, technologies };
}

/** What people call the resources, by id, where that is not the id. */
export function namesOf({ resources }: Assessment): Record<string, string> {
  return Object.fromEntries(
    resources.flatMap(({ resourceId, name }) =>
      name === undefined || name === resourceId ? [] : [[resourceId, name]],
    ),
  );
}

type Place = Omit<AssessedTechnology, 'assessment'>;

/** Only what is found in the estate is softened: a plan that is wrong in itself is wrong in its optional parts, too. */
async function assessOne(
  services: Services,
  plan: Plan,
  mode: ExecutionMode,
  place: Place,
): Promise<{ assessment: Assessment | null; found: Finding[] }> {
  const problems = schemaProblems(services, place.definition);
  if (problems.length > 0) return { assessment: null, found: problems };
  if (isLeftOut(mode, place.definition)) return { assessment: LEFT_OUT, found: [] };
  try {
    const { waves: _, ...planRecord } = plan;
    const { operation, context, input } = workOf(services, headFor(plan, mode), planRecord, recordFor(place));
    const assessment = await operation.assess(context, input);
    return { assessment, found: softenFindings(place.definition, assessment.findings) };
  } catch (error) {
    if (!isBreakwaterError(error) || error.retry === 'bug') throw error;
    const { code: rule, remedy } = error;
    const finding: Finding = { level: 'error', rule, path: '', message: messageOf(error), remedy };
    return { assessment: null, found: softenFindings(place.definition, [finding]) };
  }
}

/** What a drill leaves out is not looked at. */
const LEFT_OUT: Assessment = {
  findings: [],
  resources: [],
  calls: [],
  quotas: [],
  estimatedMs: 0,
  estimateBasis: 'the plan leaves it out of drills',
};

function schemaProblems(services: Services, definition: Technology): Finding[] {
  let operation;
  try {
    operation = services.findOperation(definition.type, definition.operation);
  } catch (error) {
    if (!(error instanceof BreakwaterError)) throw error;
    const value = `${definition.type}/${definition.operation}`;
    return [
      {
        level: 'error',
        rule: error.code,
        path: 'operation',
        value,
        message: error.message,
        remedy: error.remedy,
      },
    ];
  }
  return (['resources', 'parameters'] as const).flatMap((key) =>
    schemaFindings(operation[key], definition[key]).map((finding) => ({
      ...finding,
      path: finding.path.startsWith('[')
        ? `${key}${finding.path}`
        : [key, finding.path].filter(Boolean).join('.'),
    })),
  );
}

function placed(finding: Finding, path: string): Finding {
  return { ...finding, path: finding.path === '' ? path : `${path}.${finding.path}` };
}

/** An assessment belongs to no execution: its records are empty, and nothing is written under this id. */
function headFor(plan: Plan, mode: ExecutionMode): HeadRecord {
  return {
    executionId: 'assessment',
    planId: plan.planId ?? 'assessment',
    planName: plan.name ?? 'assessment',
    planHash: '',
    mode,
    simulated: false,
    status: 'planning',
    currentWave: 0,
    totalWaves: plan.waves.length,
    startedAt: new Date(0).toISOString(),
    pauseRequested: false,
    cancelRequested: false,
    autoResume: false,
    objectives: plan.objectives,
    expectedMs: 0,
    initiatedBy: 'assessment',
    tags: plan.tags,
    workingWaves: 0,
    pausedWaves: 0,
    exceptions: 0,
    pauses: [],
    eventCount: 0,
  };
}

function recordFor(place: Place): TechnologyRecord {
  return { ...place, status: 'pending', attempt: 1, due: true, only: null, expectedMs: 0, resources: [] };
}
