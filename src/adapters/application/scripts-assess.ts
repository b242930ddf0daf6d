import { hasCode } from '#core/errors.ts';
import type { Finding } from '#core/outcome.ts';
import type { Script } from '#core/plan.ts';
import type { Assessment, OperationContext, OperationInput, PlannedCall } from '../contract.ts';
import { placeOf, targetAt } from '../shared/place.ts';
import { describeMissing, findScript } from './find-script.ts';
import { findInstances, type InstancesAtPlace } from '../shared/find-instances.ts';
import type { ScriptsParameters, ScriptsResources } from './scripts-schema.ts';
import { CHUNK_SIZE } from './send-chunks.ts';
import { isDue, MOST_TARGETS, onlyDue, resourceIdOf } from './scripts-state.ts';

type Part = Pick<Assessment, 'findings' | 'resources' | 'calls'>;

const SCRIPT_MS = 60_000;

/** The dry run of `application/scripts`: each script, where it would run, and whether it can. */
export async function assessScripts(
  context: OperationContext,
  { resources, parameters }: OperationInput<ScriptsResources, ScriptsParameters>,
): Promise<Assessment> {
  const parts: Part[] = [];
  for (const [i, name] of resources.scripts.entries()) {
    if (!isDue(context, name)) continue;
    parts.push(await assessScript(context, name, `resources.scripts[${i}]`));
  }
  const count = parts.length;
  return {
    findings: parts.flatMap(({ findings }) => findings),
    resources: parts.flatMap((part) => part.resources),
    calls: parts.flatMap(({ calls }) => calls),
    quotas: [],
    estimatedMs: parameters.parallel ? SCRIPT_MS : count * SCRIPT_MS,
    estimateBasis: 'a minute a script (assumed: what a script does is not known)',
  };
}

async function assessScript(context: OperationContext, name: string, path: string): Promise<Part> {
  const script = await findScript(context, name);
  const error = (message: string, remedy: string): Finding => ({
    level: 'error',
    rule: 'ResourceUnresolved',
    path,
    value: name,
    message,
    remedy,
  });
  if (script === null) {
    const remedy = `Add ${name} to the plan's scripts, or create an SSM document of that name.`;
    return { findings: [error(describeMissing(name), remedy)], resources: [], calls: [] };
  }
  if (script.type === 'lambda') return assessLambda(context, { name, script, error });
  const targets = onlyDue(context, name, await findInstances(context, script.targets, script));
  const count = targets.reduce((sum, { ids }) => sum + ids.length, 0);
  return {
    findings: [
      ...(await documentFindings(context, script, error)),
      ...countFindings(context, { name, path, script, count, error }),
    ],
    resources: targets.flatMap((at) => resourcesAt(context, name, at)),
    calls: targets.map(({ place, ids }): PlannedCall => {
      const { region } = targetAt(context, place);
      const where = place.accountId === null ? { region } : { accountId: place.accountId, region };
      const summary = `run ${name} on ${ids.length} instances`;
      return { iamAction: 'ssm:SendCommand', ...where, count: Math.ceil(ids.length / CHUNK_SIZE), summary };
    }),
  };
}

function resourcesAt(
  context: OperationContext,
  name: string,
  { place, ids }: InstancesAtPlace,
): Part['resources'] {
  const { region } = targetAt(context, place);
  return ids.map((id) => ({
    resourceId: resourceIdOf(name, id),
    description: `${name} on instance ${id}`,
    lock: `ssm:${place.accountId ?? 'own'}:${region}:instance/${id}`,
  }));
}

type MakeError = (message: string, remedy: string) => Finding;

async function documentFindings(
  context: OperationContext,
  script: Exclude<Script, { type: 'lambda' }>,
  error: MakeError,
): Promise<Finding[]> {
  if (script.type === 'commands') return [];
  const { ssm } = targetAt(context, placeOf(context, script));
  try {
    await ssm.describeDocument({ Name: script.document }, context.signal);
    return [];
  } catch (thrown) {
    if (!hasCode(thrown, 'AwsNotFound')) throw thrown;
    return [
      error(
        `there is no SSM document ${script.document}`,
        'Create it, or check its name, account and Region.',
      ),
    ];
  }
}

/** What earlier waves recover does not exist while a plan is being looked at. */
function countFindings(
  { planning }: OperationContext,
  params: {
    name: string;
    path: string;
    script: Exclude<Script, { type: 'lambda' }>;
    count: number;
    error: MakeError;
  },
): Finding[] {
  const { name, path, script, count, error } = params;
  if (count > MOST_TARGETS)
    return [
      error(`${name} would run on ${count} instances, more than ${MOST_TARGETS}`, 'Split its targets.'),
    ];
  if (count > 0) return [];
  const { recovered, protectionGroups } = script.targets;
  if (planning && (recovered === true || protectionGroups !== undefined)) {
    const message = `${name} runs on servers that an earlier wave is to recover`;
    return [{ level: 'info', rule: 'TargetsLater', path, value: name, message, remedy: 'Nothing to do.' }];
  }
  return [
    error(
      `${name} has nothing to run on: no running instance matches its targets`,
      'Check the targets, the tags, the account and the Region.',
    ),
  ];
}

async function assessLambda(
  context: OperationContext,
  { name, script, error }: { name: string; script: Extract<Script, { type: 'lambda' }>; error: MakeError },
): Promise<Part> {
  const place = placeOf(context, script);
  const { lambda, region } = targetAt(context, place);
  const where = place.accountId === null ? { region } : { accountId: place.accountId, region };
  const calls = [
    { iamAction: 'lambda:InvokeFunction', ...where, count: 1, summary: `invoke ${script.functionName}` },
  ];
  try {
    await lambda.getFunctionConfiguration({ FunctionName: script.functionName }, context.signal);
  } catch (thrown) {
    if (!hasCode(thrown, 'AwsNotFound')) throw thrown;
    const remedy = 'Check its name, account and Region.';
    return {
      findings: [error(`there is no Lambda function ${script.functionName}`, remedy)],
      resources: [],
      calls,
    };
  }
  const lock = `lambda:${place.accountId ?? 'own'}:${region}:function/${script.functionName}`;
  return {
    findings: [],
    resources: [{ resourceId: name, description: `function ${script.functionName}`, lock }],
    calls,
  };
}
