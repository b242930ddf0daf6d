import { spawnSync } from 'node:child_process';
import type { Json } from '../../../src/core/json.ts';

/*
 * SSM Automation, as far as the runbooks here use it: written after AWS's documentation (`src/automation/documents.ts` names it) and strict,
 * so that what it does not know is refused and not passed over. Time is virtual.
 */

type Fields = Readonly<Record<string, Json>>;

/** The answer of the Lambda service to an invoke; throws what the service throws. */
export type InvokeLambda = (call: {
  readonly FunctionName: string;
  readonly Qualifier: string;
  readonly Payload: Json;
  /** Virtual, since the automation began. */
  readonly seconds: number;
}) => { readonly FunctionError?: string; readonly Payload: Json };

export interface AutomationResult {
  readonly status: 'Success' | 'Failed';
  readonly failure?: string;
  readonly outputs: Fields;
  readonly seconds: number;
  /** The steps that began, in order. */
  readonly steps: readonly string[];
}

interface Run {
  readonly values: Map<string, Json>;
  readonly steps: string[];
  readonly invoke: InvokeLambda;
  /** A real one fails the step on a function's error; whether it does is not left to luck here: both are played. */
  readonly errorsFail: boolean;
  seconds: number;
}

interface Params {
  readonly content: Fields;
  readonly parameters: Readonly<Record<string, string>>;
  readonly executionId: string;
  readonly invoke: InvokeLambda;
  readonly errorsFail?: boolean;
}

const STEP_MEMBERS = [
  'name',
  'action',
  'maxAttempts',
  'timeoutSeconds',
  'onFailure',
  'inputs',
  'outputs',
  'isEnd',
];

/** Runs a runbook to its end. Throws for parameters that SSM would refuse, and for what it does not know. */
export function runAutomation({
  content,
  parameters,
  executionId,
  invoke,
  errorsFail = true,
}: Params): AutomationResult {
  only('the document', content, [
    'schemaVersion',
    'description',
    'assumeRole',
    'parameters',
    'mainSteps',
    'outputs',
  ]);
  if (content['schemaVersion'] !== '0.3') throw new TypeError('expected schema version 0.3');
  const values = new Map<string, Json>([['automation:EXECUTION_ID', executionId]]);
  for (const [name, value] of readParameters(content['parameters'] as Fields, parameters))
    values.set(name, value);
  const run: Run = { values, steps: [], invoke, errorsFail, seconds: 0 };
  resolve(run, content['assumeRole']!);
  const failure = runSteps(run, content['mainSteps'] as Fields[]);
  const named = (content['outputs'] as string[]).map((name): [string, Json] => [
    name,
    values.get(name) ?? null,
  ]);
  return {
    status: failure === null ? 'Success' : 'Failed',
    ...(failure !== null && { failure }),
    outputs: Object.fromEntries(named),
    seconds: run.seconds,
    steps: run.steps,
  };
}

function readParameters(declared: Fields, given: Readonly<Record<string, string>>): [string, Json][] {
  const unknown = Object.keys(given).filter((name) => !(name in declared));
  if (unknown.length > 0) throw new TypeError(`unknown parameters: ${unknown.join(', ')}`);
  return Object.entries(declared).map(([name, shape]) => {
    const members = shape as Fields;
    only(name, members, ['type', 'description', 'allowedPattern', 'allowedValues', 'default']);
    const value = given[name] ?? members['default'];
    if (value === undefined) throw new TypeError(`parameter ${name} is missing`);
    const { allowedPattern, allowedValues } = members;
    const isText = typeof value === 'string';
    if (isText && allowedPattern !== undefined && !new RegExp(allowedPattern as string).test(value))
      throw new TypeError(`parameter ${name} does not match ${allowedPattern as string}`);
    if (allowedValues !== undefined && !(allowedValues as Json[]).includes(value))
      throw new TypeError(`parameter ${name} is none of ${JSON.stringify(allowedValues)}`);
    return [name, value];
  });
}

/** Why it failed; `null`: it did not. */
function runSteps(run: Run, steps: readonly Fields[]): string | null {
  for (const step of steps) {
    only(step['name'] as string, step, STEP_MEMBERS);
    run.steps.push(step['name'] as string);
    const { maxAttempts = 1, onFailure = 'Abort' } = step;
    if (onFailure !== 'Abort')
      throw new TypeError(`onFailure: ${JSON.stringify(onFailure)} is not known here`);
    let failure: string | null = 'not tried';
    for (let attempt = 1; failure !== null && attempt <= (maxAttempts as number); attempt += 1)
      failure = tryStep(run, step);
    if (failure !== null) return `${step['name'] as string}: ${failure}`;
    if (step['isEnd'] === true) return null;
  }
  return null;
}

function tryStep(run: Run, step: Fields): string | null {
  const action = ACTIONS[step['action'] as string];
  if (action === undefined) throw new TypeError(`action ${step['action'] as string} is not known here`);
  try {
    const result = action(run, step['inputs'] as Fields);
    if (typeof result === 'string') return result;
    const name = step['name'] as string;
    for (const [output, value] of Object.entries(result)) run.values.set(`${name}.${output}`, value);
    for (const output of (step['outputs'] ?? []) as Fields[])
      run.values.set(...selected(name, output, result));
    return null;
  } catch (error) {
    if (error instanceof TypeError) throw error;
    return (error as Error).message;
  }
}

/** `$.Payload.X` alone, and of the type that is said. */
function selected(step: string, output: Fields, result: Fields): [string, Json] {
  only(`an output of ${step}`, output, ['Name', 'Selector', 'Type']);
  const member = /^\$\.Payload\.(\w+)$/.exec(output['Selector'] as string)?.[1];
  const value = (result['Payload'] as Fields)[member!];
  if (value === undefined || typeof value !== (output['Type'] as string).toLowerCase())
    throw new TypeError(`${step}: no ${output['Type'] as string} at ${output['Selector'] as string}`);
  return [`${step}.${output['Name'] as string}`, value];
}

const SECONDS: Readonly<Record<string, number>> = { S: 1, M: 60, H: 3_600 };

type Action = (run: Run, inputs: Fields) => Fields | string;

const ACTIONS: Readonly<Record<string, Action>> = {
  'aws:invokeLambdaFunction'(run, inputs) {
    only('inputs', inputs, ['FunctionName', 'Qualifier', 'Payload']);
    const { FunctionName, Qualifier, Payload } = resolve(run, inputs) as Record<string, string>;
    const call = {
      FunctionName: FunctionName!,
      Qualifier: Qualifier!,
      Payload: JSON.parse(Payload!) as Json,
    };
    const answer = run.invoke({ ...call, seconds: run.seconds });
    const text = JSON.stringify(answer.Payload);
    if (answer.FunctionError !== undefined && run.errorsFail)
      return `Lambda function returned error: ${text}`;
    if (text.length > 200_000) throw new TypeError('the answer is longer than SSM reads');
    return { Payload: text };
  },
  'aws:executeScript'(run, inputs) {
    only('inputs', inputs, ['Runtime', 'Handler', 'InputPayload', 'Script']);
    if (inputs['Runtime'] !== 'python3.11') throw new TypeError('expected a runtime that SSM has');
    const event = resolve(run, inputs['InputPayload']!);
    return runPython(inputs['Script'] as string, inputs['Handler'] as string, event);
  },
  'aws:sleep'(run, inputs) {
    only('inputs', inputs, ['Duration']);
    const [, amount, unit] = /^PT(\d+)([SMH])$/.exec(resolve(run, inputs['Duration']!) as string)!;
    run.seconds += Number(amount) * SECONDS[unit!]!;
    return {};
  },
  'aws:loop'(run, inputs) {
    only('inputs', inputs, ['Steps', 'LoopCondition', 'MaxIterations']);
    const { LoopCondition: condition, MaxIterations: most } = inputs as {
      LoopCondition: Fields;
      MaxIterations: number;
    };
    only('LoopCondition', condition, ['Variable', 'BooleanEquals']);
    if (!Number.isInteger(most) || most < 1 || most > 100)
      throw new TypeError('MaxIterations: expected 1 to 100');
    for (let iteration = 1; iteration <= most; iteration += 1) {
      const failure = runSteps(run, inputs['Steps'] as Fields[]);
      if (failure !== null) return failure;
      if (resolve(run, condition['Variable']!) !== condition['BooleanEquals']) break;
    }
    return {};
  },
};

const played = new Map<string, Fields | string>();

/** With the Python of this machine. The same event gives the same answer. */
function runPython(script: string, handler: string, event: Json): Fields | string {
  const key = JSON.stringify([script, event]);
  const known = played.get(key);
  if (known !== undefined) return known;
  const main = `\nimport sys\nprint(json.dumps(${handler}(json.load(sys.stdin), None)))\n`;
  const { status, stdout, stderr, error } = spawnSync('python3', ['-c', `${script}${main}`], {
    input: JSON.stringify(event),
    encoding: 'utf8',
  });
  if (error !== undefined) throw new TypeError(`python3 is needed: ${error.message}`);
  const result = status === 0 ? { Payload: JSON.parse(stdout) as Json } : stderr.trim().split('\n').at(-1)!;
  played.set(key, result);
  return result;
}

/** `{{ name }}` alone is the value as it is; within a text it becomes part of that. */
function resolve(run: Run, value: Json): Json {
  if (typeof value === 'string') {
    const alone = /^\{\{\s*([\w.:]+)\s*\}\}$/.exec(value);
    if (alone !== null) return valueOf(run, alone[1]!);
    return value.replaceAll(/\{\{\s*([\w.:]+)\s*\}\}/g, (_, name: string) => textOf(valueOf(run, name)));
  }
  if (Array.isArray(value)) return value.map((one) => resolve(run, one));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, resolve(run, member)]));
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function valueOf({ values }: Run, name: string): Json {
  const value = values.get(name);
  if (value === undefined) throw new TypeError(`nothing is named ${name}`);
  return value;
}

function only(what: string, given: Fields, allowed: readonly string[]): void {
  const unknown = Object.keys(given).filter((name) => !allowed.includes(name));
  if (unknown.length > 0) throw new TypeError(`${what}: ${unknown.join(', ')} is not known here`);
}
