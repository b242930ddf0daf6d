import type { Operation } from '#adapters/contract.ts';
import { finderAmong } from '#adapters/find-operation.ts';
import type { AwsCallRecord, AwsOptions } from '#aws/options.ts';
import { systemClock } from '#clocks/system.ts';
import { createEventBus } from '#control/event-bus.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { Services } from '#workflow/services.ts';
import { servicesOf } from '../services-of.ts';
import { openPorts, type Environment } from './ports.ts';

/** What a function performs, or assesses, and the services of AWS that it calls for that: their clients alone are in its bundle. */
export interface Adapter {
  readonly operations: readonly Operation[];
  readonly services: AwsOptions['services'];
}

/**
 * What the handlers work with on Lambda. `environment` is that of the function: `AWS_REGION`, which Lambda sets, `TARGET_ROLE` and
 * `EXTERNAL_ID` for accounts that are not in the records, and what `openPorts` reads.
 */
export function lambdaServices({ operations, services }: Adapter, environment: Environment): Services {
  const { store, engine } = openPorts(environment);
  return servicesOf({
    store,
    engine: () => engine,
    clock: systemClock(),
    aws: { services, region: environment['AWS_REGION']!, accounts: accountsOf(environment) },
    // Nobody listens in this process: who follows an execution reads its records.
    events: createEventBus(),
    // Lambda stops a process without a word; every handler may be repeated.
    signal: new AbortController().signal,
    findOperation: finderAmong(operations),
    solution: async (name) => {
      throw new BreakwaterError('HostIncomplete', `solution ${name} cannot be driven from Lambda yet`);
    },
    onCall: (executionId) => (call) => logCall(executionId, call),
  });
}

/** The role of a target account that is not in the records: the same in all of them. */
export function accountsOf({ TARGET_ROLE: role, EXTERNAL_ID: externalId, PARTITION = 'aws' }: Environment) {
  return async (accountId: string) =>
    role ? { roleArn: `arn:${PARTITION}:iam::${accountId}:role/${role}`, externalId } : null;
}

/** One line a call: Lambda puts it into the function's log, where metric filters find it. */
function logCall(executionId: string | null, call: AwsCallRecord): void {
  process.stdout.write(`${JSON.stringify({ level: 'INFO', message: 'aws call', executionId, ...call })}\n`);
}
