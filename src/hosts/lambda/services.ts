import { randomUUID } from 'node:crypto';
import type { Operation } from '#adapters/contract.ts';
import { finderAmong } from '#adapters/find-operation.ts';
import type { AwsOptions } from '#aws/options.ts';
import { systemClock } from '#clocks/system.ts';
import { createAuditOutbox } from '#control/audit-outbox.ts';
import type { Engine } from '#engine/port.ts';
import { storedTurns } from '#store/turns.ts';
import type { Services } from '#workflow/services.ts';
import { servicesOf } from '../services-of.ts';
import { solutionsOf } from '../solutions.ts';
import { logCall, logEvent } from './execution-log.ts';
import { lambdaPlace } from './place.ts';
import { openPorts, type Environment, type Ports } from './ports.ts';

/** A function that was killed holds up its technology for as long, and no longer. */
const TURN_MS = 30_000;

/** What a function performs, or assesses, and the services of AWS that it calls for that: their clients alone are in its bundle. */
export interface Adapter {
  readonly operations: readonly Operation[];
  readonly services: AwsOptions['services'];
}

/** What the handlers of a function work with, and what has to be done before it answers. */
export interface LambdaServices extends Services {
  /** Resolves when all that was recorded is durable; throws what kept it from that. Lambda may stop a process once it has answered. */
  settled(): Promise<void>;
}

/**
 * What the handlers work with on Lambda. `environment` is that of the function: what `lambdaPlace` and `openPorts` read; `ports` take
 * the place of what the latter would open.
 */
export function lambdaServices(
  { operations, services }: Adapter,
  environment: Environment,
  { store, engine }: Pick<Ports, 'store'> & { engine: Pick<Engine, 'completeTask'> } = openPorts(environment),
): LambdaServices {
  const clock = systemClock();
  const place = lambdaPlace(environment, services);
  let failures: unknown[] = [];
  const outbox = createAuditOutbox({
    store,
    realNow: Date.now,
    newId: randomUUID,
    onFailure: (error) => void failures.push(error),
  });
  return {
    ...servicesOf({
      store,
      engine: () => engine,
      clock,
      aws: place.aws,
      // Nobody listens in this process: who follows an execution reads its records.
      events: { publish: (events) => events.forEach(logEvent) },
      // Lambda stops a process without a word; every handler may be repeated.
      signal: new AbortController().signal,
      // Step Functions invokes again when it has lost the connection, while the function that it lost goes on.
      turns: storedTurns({ store, clock, newId: randomUUID, leaseMs: TURN_MS }),
      findOperation: finderAmong(operations),
      solution: solutionsOf({ store, clock, place, isFunction: true, audit: () => outbox }),
      onCall: (executionId) => (call) => {
        place.aws.onCall?.(call);
        logCall(executionId, call);
        outbox.recordAwsCall(executionId, call);
      },
    }),
    async settled() {
      await outbox.settled();
      const [failure] = failures;
      failures = [];
      if (failure !== undefined) throw failure;
    },
  };
}

/** Performs a handler, and whatever comes of it, answers when all that was recorded is durable. */
export function thenSettled<I, O>(
  handler: (services: Services, input: I) => Promise<O>,
): (services: LambdaServices, input: I) => Promise<O> {
  return async (services, input) => {
    try {
      return await handler(services, input);
    } finally {
      await services.settled();
    }
  };
}
