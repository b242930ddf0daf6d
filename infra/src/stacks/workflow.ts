import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Aws, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { assessActions, neededActions } from '../../../src/adapters/policy.ts';
import { OPERATIONS } from '../../../src/adapters/registry.ts';
import { HANDLERS, LOCAL_NAMES } from '../../../src/workflow/handlers.ts';
import type { FunctionName } from '../function-names.ts';
import { addFunction, vendedRole, type FunctionPlace } from '../functions.ts';
import { addLogGroup } from '../log-group.ts';
import { arnOf, functionArn, machineArn, named, namedInAll } from '../names.ts';
import { acknowledgeResources } from '../policy.ts';
import type { Settings } from '../settings.ts';

const MACHINES = path.join(import.meta.dirname, '../../../src/workflow');
const TECHNOLOGIES = [...new Set(OPERATIONS.map(({ technology }) => technology))];
/** As the state machines wait for a handler. */
const HANDLER_TIMEOUT = Duration.seconds(900);
/** Of a function that was killed or throttled, the queue gives the gates again after six times as long: so long waves would wait. */
const GATE_TIMEOUT = Duration.seconds(30);

/** The state machines of `src/workflow`, the functions that their tasks invoke, and the queue of the gates. */
export class WorkflowStack extends Stack {
  readonly #settings: Settings;

  constructor(scope: Construct, id: string, { settings, functions, ...props }: StackProps & FunctionPlace) {
    super(scope, id, { ...props, description: 'Breakwater: state machines and functions' });
    this.#settings = settings;
    const place = { settings, functions };
    const queue = this.#addQueue();
    this.#addFunctions(place, queue);
    const substitutions = this.#substitutions(queue);
    this.#addMachine('technology', substitutions);
    this.#addMachine('recovery', substitutions);
  }

  /** Gates wait here for the pause/resume manager. What it cannot take for two hours is kept for a person to look at. */
  #addQueue(): Queue {
    const common = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };
    const deadLetters = new Queue(this, 'pause-resume-dead', {
      ...common,
      queueName: named('pause-resume-dead'),
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    return new Queue(this, 'pause-resume-queue', {
      ...common,
      queueName: named('pause-resume'),
      // Lambda asks for six times the time that its function may take.
      visibilityTimeout: Duration.seconds(6 * GATE_TIMEOUT.toSeconds()),
      retentionPeriod: Duration.days(14),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: 40 },
    });
  }

  #addFunctions(place: FunctionPlace, queue: Queue): void {
    const handlers = Object.keys(HANDLERS);
    for (const technology of TECHNOLOGIES) {
      const operations = OPERATIONS.filter((one) => one.technology === technology);
      const params = {
        name: adapterOf(technology),
        handlers: handlers.filter(isOfTechnology),
        records: 'technologies' as const,
        rights: { actions: neededActions(operations) },
        timeout: HANDLER_TIMEOUT,
        asksSolutions: technology === 'drs',
      };
      addFunction(this, params, place);
    }
    const rights = { actions: assessActions(OPERATIONS) };
    const own = handlers.filter((name) => !isOfTechnology(name));
    const timeout = HANDLER_TIMEOUT;
    addFunction(
      this,
      { name: 'wave-controller', handlers: own, records: 'waves', rights, timeout, asksSolutions: true },
      place,
    );
    const manager = { name: 'pause-resume', handlers: [], records: 'gates', timeout: GATE_TIMEOUT } as const;
    addFunction(this, manager, place).addEventSource(
      new SqsEventSource(queue, { batchSize: 1, reportBatchItemFailures: true }),
    );
  }

  /** What stands for the `${…}` names of the state machines. */
  #substitutions(queue: Queue): Record<string, string> {
    const names = Object.entries(LOCAL_NAMES).map(([name, local]): [string, string] => {
      if (name === 'PauseResumeQueue') return [name, queue.queueUrl];
      if (name === 'TechnologyStateMachine') return [name, machineArn('technology')];
      if (!isOfTechnology(local)) return [name, functionArn('wave-controller', local)];
      // Each adapter is a function of its own: the type of the technology names it while the machine runs.
      return [name, `{% '${arnOf('lambda', `function:${named('adapter-')}`)}' & $type & ':${local}' %}`];
    });
    return Object.fromEntries(names);
  }

  #addMachine(name: 'recovery' | 'technology', definitionSubstitutions: Record<string, string>): void {
    new StateMachine(this, name, {
      stateMachineName: named(name),
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(
        readFileSync(path.join(MACHINES, `${name}.asl.json`), 'utf8'),
      ),
      definitionSubstitutions,
      role: vendedRole(this, name, this.#settings) ?? this.#addMachineRole(name),
      tracingEnabled: true,
      logs: {
        destination: addLogGroup(
          this,
          `${name}-logs`,
          `/aws/vendedlogs/states/${named(name)}`,
          this.#settings,
        ),
        level: LogLevel.ALL,
        // Task tokens are in the data: whoever has one can open its gate.
        includeExecutionData: false,
      },
    });
  }

  #addMachineRole(name: string): Role {
    const role = new Role(this, `${name}-role`, {
      roleName: namedInAll(name, this.#settings),
      // No state machine of another account can have it taken for itself.
      assumedBy: new ServicePrincipal('states.amazonaws.com').withConditions({
        StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
        ArnLike: { 'aws:SourceArn': arnOf('states', 'stateMachine:*') },
      }),
    });
    for (const statement of this.#machineStatements()) role.addToPolicy(statement);
    acknowledgeResources(role, {
      '*': 'AWS has no resource level for the delivery of logs and for X-Ray',
      [`arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${named('technology')}:*`]:
        'nested executions are named by the executions that start them',
    });
    return role;
  }

  #machineStatements(): PolicyStatement[] {
    const functions = Object.keys(HANDLERS).flatMap((handler) =>
      isOfTechnology(handler)
        ? TECHNOLOGIES.map((technology) => functionArn(adapterOf(technology), handler))
        : functionArn('wave-controller', handler),
    );
    const executions = arnOf('states', `execution:${named('technology')}:*`);
    const rule = arnOf('events', 'rule/StepFunctionsGetEventsForStepFunctionsExecutionRule');
    const queue = arnOf('sqs', named('pause-resume'));
    const allow = (actions: string[], resources: string[]): PolicyStatement =>
      new PolicyStatement({ actions, resources });
    return [
      allow(['lambda:InvokeFunction'], functions),
      allow(['sqs:SendMessage'], [queue]),
      // Nested executions that are waited for: https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
      allow(['states:StartExecution'], [machineArn('technology')]),
      allow(['states:DescribeExecution', 'states:StopExecution'], [executions]),
      allow(['events:DescribeRule', 'events:PutRule', 'events:PutTargets'], [rule]),
    ];
  }
}

const adapterOf = (technology: string) => `adapter-${technology}` as FunctionName;

function isOfTechnology(handler: string): boolean {
  return handler.startsWith('technology-');
}
