import { randomUUID } from 'node:crypto';
import { OPERATIONS } from '#adapters/registry.ts';
import { finderAmong } from '#adapters/find-operation.ts';
import type { AwsCallRecord } from '#aws/options.ts';
import { ALL_SERVICES } from '#aws/services/all.ts';
import { systemClock } from '#clocks/system.ts';
import { createAnnouncingAudit } from '#control/audit.ts';
import { createEventBus } from '#control/event-bus.ts';
import { storedTurns } from '#store/turns.ts';
import { idSource, sha256 } from '../ids.ts';
import { platformOn, type AwsPlace, type Platform } from '../platform.ts';
import { keptServerId } from '../server-id.ts';
import { servicesOf } from '../services-of.ts';
import { solutionsOf } from '../solutions.ts';
import { logCall, logEvent } from './execution-log.ts';
import { logError } from './log.ts';
import { lambdaPlace } from './place.ts';
import { openPorts, type Environment, type Ports } from './ports.ts';

/** What the control plane stands on in a function of Lambda. */
export interface LambdaPlatform extends Platform {
  readonly place: AwsPlace;
}

/** Opens it by the environment of the function; `ports` take the place of what that names. */
export async function openLambdaPlatform(
  environment: Environment,
  ports: Ports = openPorts(environment),
): Promise<LambdaPlatform> {
  const { store, engine } = ports;
  const clock = systemClock();
  const place = lambdaPlace(environment, ALL_SERVICES);
  const events = createEventBus();
  events.subscribe(logEvent);
  const listeners: ((call: AwsCallRecord) => void)[] = [];
  const services = servicesOf({
    store,
    engine: () => engine,
    clock,
    aws: place.aws,
    events,
    // Lambda stops a process without a word; whatever is under way may be repeated.
    signal: new AbortController().signal,
    findOperation: finderAmong(OPERATIONS),
    solution: solutionsOf({ store, clock, place, isFunction: true, audit: () => audit }),
    onCall: (executionId) => (call) => {
      place.aws.onCall?.(call);
      logCall(executionId, call);
      audit.recordAwsCall(executionId, call);
      for (const listener of listeners) listener(call);
    },
  });
  const serverId = await keptServerId(store);
  const audit = createAnnouncingAudit({
    store,
    executions: services.executions,
    hash: sha256,
    serverId,
    realNow: Date.now,
    newId: randomUUID,
    onFailure: (error) => logError('audit trail', error),
  });
  const platform = platformOn({
    engine,
    store,
    services,
    clock,
    events,
    newId: idSource(),
    audit,
    serverId,
    place,
    turns: storedTurns({ store, clock, newId: randomUUID }),
    onAwsCall: (listener) => void listeners.push(listener),
    // A function has no trouble of its own: what it cannot do now, the next call may do, in another process.
    failure: () => null,
  });
  return { ...platform, place };
}
