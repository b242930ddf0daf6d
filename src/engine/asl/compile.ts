import type { Json } from '#core/json.ts';
import { compileRetrier } from './failure.ts';
import type {
  Catcher,
  ChoiceState,
  Flow,
  MapState,
  ParallelState,
  Shaping,
  State,
  TaskKind,
  TaskState,
} from './machine.ts';
import type {
  CatcherDefinition,
  ChoiceDefinition,
  FlowDefinition,
  MapDefinition,
  ParallelDefinition,
  RetrierDefinition,
  StateDefinition,
  TaskDefinition,
} from './schema.ts';
import { compileTemplate, type Template } from './template.ts';

/** Tells of a fault in a state's field. */
export type Report = (state: string, field: string, message: string) => void;

const KINDS: Record<TaskDefinition['Resource'], TaskKind> = {
  'arn:aws:states:::lambda:invoke': 'lambda',
  'arn:aws:states:::lambda:invoke.waitForTaskToken': 'lambdaToken',
  'arn:aws:states:::sqs:sendMessage.waitForTaskToken': 'queueToken',
  'arn:aws:states:::states:startExecution.sync:2': 'nested',
};

/** Compiles one level of states into `states`, and those inside it. */
export function compileFlow(definition: FlowDefinition, states: Map<string, State>, report: Report): Flow {
  for (const [name, state] of Object.entries(definition.States)) {
    if (states.has(name))
      report(name, 'name', 'is used by two states; names are unique in the whole machine');
    states.set(name, compileState(name, state, states, report));
  }
  return { startAt: definition.StartAt };
}

function compileState(
  name: string,
  definition: StateDefinition,
  states: Map<string, State>,
  report: Report,
): State {
  const field = fieldCompiler(name, report);
  switch (definition.Type) {
    case 'Task':
      return compileTask(name, definition, field);
    case 'Pass':
      return { type: 'Pass', ...passing(name, definition, field) };
    case 'Choice':
      return compileChoice(name, definition, field);
    case 'Wait': {
      const seconds = field('Seconds', definition.Seconds);
      return {
        type: 'Wait',
        ...passing(name, definition, field),
        seconds,
        timestamp: field('Timestamp', definition.Timestamp),
      };
    }
    case 'Succeed':
      return { type: 'Succeed', name, output: field('Output', definition.Output) };
    case 'Fail':
      return {
        type: 'Fail',
        name,
        error: field('Error', definition.Error),
        cause: field('Cause', definition.Cause),
      };
    case 'Parallel':
      return compileParallel(name, definition, { field, states, report });
    case 'Map':
      return compileMap(name, definition, { field, states, report });
  }
}

type FieldCompiler = (field: string, definition: Json | undefined) => Template | null;

function fieldCompiler(state: string, report: Report): FieldCompiler {
  return (field, definition) => {
    if (definition === undefined) return null;
    return compileTemplate(definition, (path, error) => {
      report(state, field + path, `JSONata: ${error.message} (at character ${error.position})`);
    });
  };
}

interface Surroundings {
  readonly field: FieldCompiler;
  readonly states: Map<string, State>;
  readonly report: Report;
}

function compileTask(name: string, definition: TaskDefinition, field: FieldCompiler): TaskState {
  const given = definition.Arguments as Readonly<Record<string, Json | undefined>>;
  const argument = (...keys: string[]): Template | null => {
    const key = keys.find((candidate) => given[candidate] !== undefined);
    return key === undefined ? null : field(`Arguments.${key}`, given[key]);
  };
  return {
    type: 'Task',
    ...passing(name, definition, field),
    ...failing(definition, field),
    kind: KINDS[definition.Resource],
    resource: definition.Resource,
    target: argument('FunctionName', 'QueueUrl', 'StateMachineArn')!,
    body: argument('Payload', 'MessageBody', 'Input'),
    executionName: argument('Name'),
    timeoutSeconds: field('TimeoutSeconds', definition.TimeoutSeconds),
    heartbeatSeconds: field('HeartbeatSeconds', definition.HeartbeatSeconds),
  };
}

function compileChoice(name: string, definition: ChoiceDefinition, field: FieldCompiler): ChoiceState {
  return {
    type: 'Choice',
    name,
    ...shaping(definition, field, ''),
    rules: definition.Choices.map((rule, index) => ({
      condition: field(`Choices[${index}].Condition`, rule.Condition)!,
      next: rule.Next,
      ...shaping(rule, field, `Choices[${index}].`),
    })),
    default: definition.Default ?? null,
  };
}

function compileParallel(name: string, definition: ParallelDefinition, around: Surroundings): ParallelState {
  return {
    type: 'Parallel',
    ...passing(name, definition, around.field),
    ...failing(definition, around.field),
    arguments: around.field('Arguments', definition.Arguments),
    branches: definition.Branches.map((branch) => compileFlow(branch, around.states, around.report)),
  };
}

function compileMap(name: string, definition: MapDefinition, around: Surroundings): MapState {
  return {
    type: 'Map',
    ...passing(name, definition, around.field),
    ...failing(definition, around.field),
    items: around.field('Items', definition.Items),
    itemSelector: around.field('ItemSelector', definition.ItemSelector),
    maxConcurrency: around.field('MaxConcurrency', definition.MaxConcurrency),
    processor: compileFlow(definition.ItemProcessor, around.states, around.report),
  };
}

interface ShapingDefinition {
  readonly Assign?: Json | undefined;
  readonly Output?: Json | undefined;
}

function shaping(definition: ShapingDefinition, field: FieldCompiler, prefix: string): Shaping {
  return {
    assign: field(`${prefix}Assign`, definition.Assign),
    output: field(`${prefix}Output`, definition.Output),
  };
}

function passing(
  name: string,
  definition: ShapingDefinition & { Next?: string | undefined },
  field: FieldCompiler,
) {
  return { name, ...shaping(definition, field, ''), next: definition.Next ?? null };
}

function failing(
  definition: { Retry?: RetrierDefinition[] | undefined; Catch?: CatcherDefinition[] | undefined },
  field: FieldCompiler,
): { retry: ReturnType<typeof compileRetrier>[]; catch: Catcher[] } {
  return {
    retry: (definition.Retry ?? []).map(compileRetrier),
    catch: (definition.Catch ?? []).map((catcher, index) => ({
      errors: catcher.ErrorEquals,
      next: catcher.Next,
      ...shaping(catcher, field, `Catch[${index}].`),
    })),
  };
}
