import { z } from 'zod';

/**
 * The shapes of a definition in the Amazon States Language, JSONata dialect, as far as this engine runs it. Every object is
 * strict: a field that is not here is refused, because a machine that is only half understood must not run.
 * Source: https://states-language.net and the Step Functions developer guide.
 */

const count = z.number().int().min(0);
const positive = z.number().int().min(1);
/** `{% … %}`; the expression itself is compiled later. */
const query = z.string().regex(/^\{%.*%\}$/s, 'must be a number or a JSONata expression in {% %}');
const seconds = z.union([count, query]);
const template = z.json();
const templates = z.record(z.string(), z.json());
const errorNames = z.array(z.string().min(1)).min(1);

const retrier = z.strictObject({
  Comment: z.string().optional(),
  ErrorEquals: errorNames,
  IntervalSeconds: positive.optional(),
  MaxAttempts: count.optional(),
  BackoffRate: z.number().min(1).optional(),
  MaxDelaySeconds: positive.optional(),
  JitterStrategy: z.literal('NONE').optional(),
});

const catcher = z.strictObject({
  Comment: z.string().optional(),
  ErrorEquals: errorNames,
  Next: z.string(),
  Output: template.optional(),
  Assign: templates.optional(),
});

const common = { Comment: z.string().optional(), QueryLanguage: z.literal('JSONata').optional() };
const passing = {
  ...common,
  Output: template.optional(),
  Assign: templates.optional(),
  Next: z.string().optional(),
  End: z.literal(true).optional(),
};
const failing = { Retry: z.array(retrier).optional(), Catch: z.array(catcher).optional() };

const lambdaArguments = z.strictObject({ FunctionName: z.string().min(1), Payload: template.optional() });
const queueArguments = z.strictObject({ QueueUrl: z.string().min(1), MessageBody: template });
const nestedArguments = z.strictObject({
  StateMachineArn: z.string().min(1),
  Name: z.string().optional(),
  Input: template.optional(),
});

const taskFields = {
  Type: z.literal('Task'),
  ...passing,
  ...failing,
  TimeoutSeconds: seconds.optional(),
  HeartbeatSeconds: seconds.optional(),
};

const task = z.discriminatedUnion('Resource', [
  z.strictObject({
    ...taskFields,
    Resource: z.literal('arn:aws:states:::lambda:invoke'),
    Arguments: lambdaArguments,
  }),
  z.strictObject({
    ...taskFields,
    Resource: z.literal('arn:aws:states:::lambda:invoke.waitForTaskToken'),
    Arguments: lambdaArguments,
  }),
  z.strictObject({
    ...taskFields,
    Resource: z.literal('arn:aws:states:::sqs:sendMessage.waitForTaskToken'),
    Arguments: queueArguments,
  }),
  z.strictObject({
    ...taskFields,
    Resource: z.literal('arn:aws:states:::states:startExecution.sync:2'),
    Arguments: nestedArguments,
  }),
]);

const pass = z.strictObject({ Type: z.literal('Pass'), ...passing });

const choice = z.strictObject({
  Type: z.literal('Choice'),
  ...common,
  Choices: z
    .array(
      z.strictObject({
        Comment: z.string().optional(),
        Condition: z.union([z.boolean(), query]),
        Next: z.string(),
        Output: template.optional(),
        Assign: templates.optional(),
      }),
    )
    .min(1),
  Default: z.string().optional(),
  Output: template.optional(),
  Assign: templates.optional(),
});

const wait = z.strictObject({
  Type: z.literal('Wait'),
  ...passing,
  Seconds: seconds.optional(),
  Timestamp: z.string().optional(),
});

const succeed = z.strictObject({ Type: z.literal('Succeed'), ...common, Output: template.optional() });

const fail = z.strictObject({
  Type: z.literal('Fail'),
  ...common,
  Error: z.string().optional(),
  Cause: z.string().optional(),
});

const flow = z.strictObject({
  Comment: z.string().optional(),
  StartAt: z.string(),
  get States() {
    return z.record(z.string().min(1).max(80), state);
  },
});

const parallel = z.strictObject({
  Type: z.literal('Parallel'),
  ...passing,
  ...failing,
  Arguments: template.optional(),
  get Branches() {
    return z.array(flow).min(1);
  },
});

const map = z.strictObject({
  Type: z.literal('Map'),
  ...passing,
  ...failing,
  Items: z.union([z.array(z.json()), query]).optional(),
  ItemSelector: template.optional(),
  MaxConcurrency: seconds.optional(),
  get ItemProcessor() {
    return flow.extend({
      ProcessorConfig: z.strictObject({ Mode: z.literal('INLINE') }).optional(),
    });
  },
});

type StateShape = z.ZodType<StateDefinition>;
const state: StateShape = z.lazy(() =>
  z.discriminatedUnion('Type', [task, pass, choice, wait, succeed, fail, parallel, map]),
);

export const machineSchema = z.strictObject({
  Comment: z.string().optional(),
  QueryLanguage: z.literal('JSONata'),
  Version: z.literal('1.0').optional(),
  TimeoutSeconds: positive.optional(),
  StartAt: z.string(),
  States: z.record(z.string().min(1).max(80), state),
});

export interface FlowDefinition {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, StateDefinition>>;
}
export type TaskDefinition = z.infer<typeof task>;
export type PassDefinition = z.infer<typeof pass>;
export type ChoiceDefinition = z.infer<typeof choice>;
export type WaitDefinition = z.infer<typeof wait>;
export type SucceedDefinition = z.infer<typeof succeed>;
export type FailDefinition = z.infer<typeof fail>;
export type RetrierDefinition = z.infer<typeof retrier>;
export type CatcherDefinition = z.infer<typeof catcher>;
type Passing = Omit<PassDefinition, 'Type'>;
type Failing = {
  readonly Retry?: RetrierDefinition[] | undefined;
  readonly Catch?: CatcherDefinition[] | undefined;
};
export type ParallelDefinition = Passing &
  Failing & {
    readonly Type: 'Parallel';
    readonly Arguments?: z.infer<typeof template> | undefined;
    readonly Branches: readonly FlowDefinition[];
  };
export type MapDefinition = Passing &
  Failing & {
    readonly Type: 'Map';
    readonly Items?: z.infer<typeof template> | undefined;
    readonly ItemSelector?: z.infer<typeof template> | undefined;
    readonly MaxConcurrency?: number | string | undefined;
    readonly ItemProcessor: FlowDefinition;
  };
export type StateDefinition =
  | TaskDefinition
  | PassDefinition
  | ChoiceDefinition
  | WaitDefinition
  | SucceedDefinition
  | FailDefinition
  | ParallelDefinition
  | MapDefinition;
