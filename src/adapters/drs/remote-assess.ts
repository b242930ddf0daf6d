import type { Finding } from '#core/outcome.ts';
import type { Assessment, OperationContext } from '../contract.ts';
import type { RemoteInput } from './remote-schema.ts';
import type { RemotePlan, SolutionDoor } from './solution-door.ts';

/** Nobody can know; a wave of a few servers takes about this long. */
const GUESS_MS = 30 * 60_000;

/**
 * Whether the solution is known, answers, believes us, has the plan and lets us start it. Reads only. A solution that does not
 * answer throws, as a Region does that is down: it may be there when the wave begins.
 */
export async function assessRemote(context: OperationContext, input: RemoteInput): Promise<Assessment> {
  const { resources, parameters } = input;
  const { recoveryPlanId: planId } = resources;
  const door = await context.solution(parameters.solution);
  if (door === null) return onPaper(input, [unknownSolution(parameters.solution)], null);
  const plan = await door.findPlan({ planId, mode: context.mode }, context.signal);
  return onPaper(
    input,
    plan === null ? [missingPlan(door, planId)] : planFindings(context, door, plan),
    plan,
  );
}

function planFindings(
  { mode }: OperationContext,
  { name }: SolutionDoor,
  { mayStart }: RemotePlan,
): Finding[] {
  if (mayStart !== false) return [];
  return [
    {
      level: 'error',
      rule: 'SolutionDenied',
      path: 'parameters.solution',
      value: name,
      message: `${name} does not let this server start a ${mode}`,
      remedy: `Give its token there a role that may start a ${mode}.`,
    },
  ];
}

function onPaper(
  { resources, parameters }: RemoteInput,
  findings: readonly Finding[],
  plan: RemotePlan | null,
): Assessment {
  const { recoveryPlanId: planId } = resources;
  const { solution } = parameters;
  const lastTookMs = plan?.lastTookMs ?? null;
  return {
    findings,
    resources: [
      {
        resourceId: planId,
        description: `recovery plan ${planId} at ${solution}`,
        lock: `solution/${solution}/${planId}`,
      },
    ],
    calls: [
      {
        count: 1,
        summary: `POST /executions at ${solution}: start recovery plan ${planId}, then look until it has ended`,
      },
    ],
    quotas: [],
    estimatedMs: lastTookMs ?? GUESS_MS,
    estimateBasis:
      lastTookMs === null
        ? `a guess: ${solution} does not say how long the plan takes`
        : `the last completed execution of the plan at ${solution}`,
  };
}

function unknownSolution(name: string): Finding {
  return {
    level: 'error',
    rule: 'SolutionUnknown',
    path: 'parameters.solution',
    value: name,
    message: `the settings of this server have no solution ${JSON.stringify(name)}`,
    remedy: 'Ask an Admin to put it under `solutions` in the settings, or mend the name.',
  };
}

function missingPlan({ name }: SolutionDoor, planId: string): Finding {
  return {
    level: 'error',
    rule: 'ResourceUnresolved',
    path: 'resources.recoveryPlanId',
    value: planId,
    message: `${name} has no recovery plan ${JSON.stringify(planId)}`,
    remedy: 'Use the id of a plan there.',
  };
}
