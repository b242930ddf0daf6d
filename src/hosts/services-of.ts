import type { Operation } from '#adapters/contract.ts';
import type { Aws } from '#aws/aws.ts';
import { createAws } from '#aws/create-aws.ts';
import type { AwsOptions } from '#aws/options.ts';
import { createRateLimiter } from '#aws/rate-limiter.ts';
import type { EventBus } from '#control/event-bus.ts';
import { protectionGroupSource } from '#control/protection-groups.ts';
import { targetAccountSource } from '#control/target-accounts.ts';
import type { Clock } from '#core/clock.ts';
import { hasCode } from '#core/errors.ts';
import type { Engine } from '#engine/port.ts';
import { ExecutionRepository } from '#store/executions.ts';
import { LockRepository } from '#store/locks.ts';
import type { Store } from '#store/port.ts';
import type { Turns } from '#store/turns.ts';
import type { Services } from '#workflow/services.ts';

/** Each holds its clients and the credentials of its roles. */
const MOST_DOORS = 200;

interface ServicesParams {
  readonly store: Store;
  readonly clock: Clock;
  readonly aws: Omit<AwsOptions, 'clock' | 'sessionName'>;
  readonly events: Pick<EventBus, 'publish'>;
  readonly signal: AbortSignal;
  /** Among processes on the same records. Absent: there is no other. */
  readonly turns?: Turns;
  readonly engine: () => Pick<Engine, 'completeTask'>;
  readonly findOperation: (type: string, operation: string) => Operation;
  readonly solution: Services['solution'];
  /** `null`: for no execution. */
  readonly onCall: (executionId: string | null) => NonNullable<AwsOptions['onCall']>;
}

/** What the handlers work with, on any host. */
export function servicesOf(params: ServicesParams): Services {
  const { store, clock, aws, events, signal, engine, onCall } = params;
  const storedAccount = targetAccountSource(store);
  const doors = new Map<string, Aws>();
  // One for all doors: the limits are those of the accounts, however many executions work in them.
  const rateLimiter = createRateLimiter({ clock });
  return {
    executions: new ExecutionRepository({
      store,
      now: () => clock.now(),
      onEvents: (some) => events.publish(some),
      turns: params.turns,
    }),
    locks: new LockRepository(store),
    awsFor: (executionId) => {
      const door =
        doors.get(executionId) ??
        createAws({
          ...aws,
          accounts: async (accountId) => (await storedAccount(accountId)) ?? aws.accounts(accountId),
          clock,
          rateLimiter,
          sessionName: `breakwater-${executionId}`,
          onCall: onCall(isExecution(executionId) ? executionId : null),
        });
      doors.set(executionId, door);
      // Requests and executions come and go; a door that is dropped is made again when it is asked for.
      if (doors.size > MOST_DOORS) doors.delete(doors.keys().next().value!);
      return door;
    },
    findOperation: params.findOperation,
    storedProtectionGroup: protectionGroupSource(store),
    solution: params.solution,
    completeTask: async (taskToken, output) => {
      try {
        await engine().completeTask({ taskToken, output });
        return true;
      } catch (error) {
        // Used: somebody was quicker. Invalid: it was another engine's, which is lost; whoever begins anew comes with a token of its own.
        if (!hasCode(error, 'TaskTokenUsed') && !hasCode(error, 'TaskTokenInvalid')) throw error;
        return false;
      }
    },
    now: () => clock.now(),
    signal,
  };
}

/** Whom the door is opened for when it is not for an execution. */
const isExecution = (id: string): boolean => !/^(assessment|discovery|request)(-|$)/.test(id);
