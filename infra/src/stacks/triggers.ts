import { Aws, CfnOutput, Duration, RemovalPolicy, Stack, Validations, type StackProps } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import {
  ManagedPolicy,
  Policy,
  PolicyStatement,
  Role,
  ServicePrincipal,
  type IRole,
} from 'aws-cdk-lib/aws-iam';
import { CfnEventInvokeConfig, CfnPermission, type Function as Lambda } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { assessActions } from '../../../src/adapters/policy.ts';
import { OPERATIONS } from '../../../src/adapters/registry.ts';
import type { Right } from '../../../src/adapters/rights.ts';
import { CONTROL_RIGHTS } from '../../../src/hosts/control-rights.ts';
import { runbooks } from '../automation/documents.ts';
import { addFunction, vendedRole, type FunctionPlace } from '../functions.ts';
import { arnOf, DEAD_EVENTS, functionArn, named, namedInAll, TRIGGER_ALIAS } from '../names.ts';
import type { Settings } from '../settings.ts';

/** A tick is over before the alarm on ticks that do not come; the next waits for it. */
const JOBS_TIMEOUT = Duration.minutes(4);
/** The least that Lambda takes: a tick that came in vain is made up for by the next. */
const JOBS_PATIENCE_SECONDS = 60;
/** A disaster may be one of the Region's control planes too. */
const DISASTER_PATIENCE = Duration.hours(6);

/** What starts by itself: the function `jobs` and its clock, events that start plans, runbooks of SSM Automation. */
export class TriggersStack extends Stack {
  readonly #settings: Settings;

  constructor(scope: Construct, id: string, { settings, functions, ...props }: StackProps & FunctionPlace) {
    super(scope, id, { ...props, description: 'Breakwater: schedules, events and runbooks' });
    this.#settings = settings;
    this.#addJobs(functions);
    this.#addDisasters();
    this.#addRunbooks();
  }

  #addJobs(functions: string): void {
    const rights = { actions: assessActions(OPERATIONS), more: NOTIFICATION_RIGHTS };
    // A minute, and a hint beside it; two minutes at once do nothing twice.
    const jobs = addFunction(
      this,
      {
        name: 'jobs',
        handlers: [],
        records: 'jobs',
        rights,
        timeout: JOBS_TIMEOUT,
        drives: true,
        concurrency: 2,
      },
      { settings: this.#settings, functions },
    );
    new CfnEventInvokeConfig(this, 'jobs-retries', {
      functionName: jobs.functionName,
      qualifier: '$LATEST',
      maximumRetryAttempts: 0,
      maximumEventAgeInSeconds: JOBS_PATIENCE_SECONDS,
    });
    const tick = { scheduleExpression: 'rate(1 minute)', description: 'Breakwater: what is due' };
    this.#addRule('jobs-minute', tick, jobsTarget(jobs));
    const hints = { eventPattern: DRS_HINTS, description: 'Breakwater: DRS says that something has changed' };
    this.#addRule('jobs-drs', hints, jobsTarget(jobs));
  }

  /** Events that start plans. Which event starts which, and whether it does, the triggers in the records say once more. */
  #addDisasters(): void {
    const dead = this.#addDeadEvents();
    const own = { source: ['breakwater.disaster'], account: [Aws.ACCOUNT_ID] };
    this.#addDisaster('disaster', { pattern: { ...own, detail: { triggerId: [{ exists: true }] } }, dead });
    for (const [triggerId, pattern] of Object.entries(this.#settings.triggers.disasterPatterns))
      this.#addDisaster(`disaster-${triggerId}`, { pattern, dead, triggerId });
  }

  #addDisaster(name: string, { pattern, dead, triggerId }: Disaster): void {
    const description =
      triggerId === undefined
        ? 'Breakwater: an event says which trigger it is for'
        : `Breakwater: events for the trigger ${triggerId}`;
    this.#addRule(
      name,
      { eventPattern: pattern, description },
      {
        id: 'trigger',
        arn: functionArn('api', TRIGGER_ALIAS),
        inputTransformer: invocationOf(name, triggerId),
        deadLetterConfig: { arn: dead.queueArn },
        retryPolicy: {
          maximumEventAgeInSeconds: DISASTER_PATIENCE.toSeconds(),
          maximumRetryAttempts: 185,
        },
      },
    );
  }

  /** Of EventBridge what it cannot deliver, and of Lambda what the alias has refused for good. */
  #addDeadEvents(): Queue {
    const dead = new Queue(this, 'trigger-dead', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      queueName: DEAD_EVENTS,
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Validations.of(dead).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'it is the queue of dead letters of rules and of a function, which name it themselves',
    });
    dead.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [dead.queueArn],
        conditions: { ArnLike: { 'aws:SourceArn': arnOf('events', `rule/${named('disaster')}*`) } },
      }),
    );
    const config = new CfnEventInvokeConfig(this, 'trigger-retries', {
      functionName: named('api'),
      qualifier: TRIGGER_ALIAS,
      maximumRetryAttempts: 2,
      maximumEventAgeInSeconds: DISASTER_PATIENCE.toSeconds(),
      destinationConfig: { onFailure: { destination: dead.queueArn } },
    });
    // Lambda sends with the rights of the function, whose role is of another stack, or vended.
    if (this.#settings.roles === undefined) {
      const policy = new ManagedPolicy(this, 'trigger-dead-letters', {
        description: 'Lets the API function put aside events that it has refused',
        statements: [new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [dead.queueArn] })],
        roles: [Role.fromRoleName(this, 'api-role', namedInAll('api', this.#settings))],
      });
      config.node.addDependency(policy);
    }
    return dead;
  }

  #addRunbooks(): void {
    const role = vendedRole(this, 'automation', this.#settings) ?? this.#addAutomationRole();
    for (const { name, content } of runbooks(role.roleArn)) {
      new CfnDocument(this, name, {
        name,
        content,
        documentType: 'Automation',
        documentFormat: 'JSON',
        updateMethod: 'NewVersion',
      });
    }
    new CfnOutput(this, 'AutomationRoleArn', { value: role.roleArn });
  }

  /** Whoever starts an automation passes it; it can start plans and look at executions, as an operator. */
  #addAutomationRole(): IRole {
    const role = new Role(this, 'automation-role', {
      roleName: namedInAll('automation', this.#settings),
      description: 'Taken by the runbooks of Breakwater',
      assumedBy: new ServicePrincipal('ssm.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
          ArnLike: { 'aws:SourceArn': arnOf('ssm', 'automation-execution/*') },
        },
      }),
    });
    const resources = [functionArn('api', TRIGGER_ALIAS)];
    new Policy(this, 'automation-invoke', {
      statements: [new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources })],
      roles: [role],
    });
    return role;
  }

  /** With the right to invoke its target, and nobody else's. The rules of a standby wait for a person. */
  #addRule(name: string, what: RuleProps, target: CfnRule.TargetProperty): void {
    const state = this.#settings.standby ? 'DISABLED' : 'ENABLED';
    const rule = new CfnRule(this, `${name}-rule`, { name: named(name), state, ...what, targets: [target] });
    new CfnPermission(this, `${name}-permission`, {
      action: 'lambda:InvokeFunction',
      functionName: target.arn,
      principal: 'events.amazonaws.com',
      sourceAccount: Aws.ACCOUNT_ID,
      sourceArn: rule.attrArn,
    });
  }
}

interface RuleProps {
  readonly description: string;
  readonly eventPattern?: object;
  readonly scheduleExpression?: string;
}

interface Disaster {
  readonly pattern: object;
  readonly dead: Queue;
  readonly triggerId?: string;
}

/** Of what the control plane does by itself, what `jobs` does of it. */
const NOTIFIES = new Set(['sns:Publish', 'events:PutEvents']);
const NOTIFICATION_RIGHTS: readonly Right[] = CONTROL_RIGHTS.map((right) => ({
  ...right,
  actions: right.actions.filter((action) => NOTIFIES.has(action)),
})).filter(({ actions }) => actions.length > 0);

/** https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-drs.html */
const DRS_HINTS = {
  source: ['aws.drs'],
  'detail-type': ['DRS Source Server Launch Result', 'DRS Source Server Data Replication Stalled Change'],
};

/** Nothing is tried again: the next minute does what is due. */
function jobsTarget(jobs: Lambda): CfnRule.TargetProperty {
  return {
    id: 'jobs',
    arn: jobs.functionArn,
    retryPolicy: { maximumEventAgeInSeconds: JOBS_PATIENCE_SECONDS, maximumRetryAttempts: 0 },
  };
}

/**
 * The event as the alias takes it. Nothing of the event is written into the template but the event as a whole, which is JSON: whether
 * EventBridge would escape a quote within a single text is not documented, and who puts events could close the text and go on.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
function invocationOf(name: string, triggerId: string | undefined): CfnRule.InputTransformerProperty {
  const by = JSON.stringify(`eventbridge/${named(name)}`);
  const of =
    triggerId === undefined
      ? '"paramsFromBody":{"triggerId":"detail.triggerId"}'
      : `"params":{"triggerId":${JSON.stringify(triggerId)}}`;
  return {
    inputTemplate: `{"operation":"fireTrigger",${of},"body":<aws.events.event.json>,"by":${by},"mustSucceed":true}`,
  };
}
