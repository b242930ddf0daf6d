import { systemClock } from '#clocks/system.ts';
import { createApprovals } from '#control/approvals.ts';
import { createConfiguration } from '#control/configuration.ts';
import { createCourier } from '#control/subscriptions/courier.ts';
import { createDenials } from '#control/denials.ts';
import { createDrsOperations } from '#control/drs/operations.ts';
import { createEvidence } from '#control/evidence.ts';
import { createExecutionRequests } from '#control/execution-requests.ts';
import { sendDue, startNotifications } from '#control/subscriptions/notifications.ts';
import { createPlans, type Plans } from '#control/plans.ts';
import { createProtectionGroups } from '#control/protection-groups.ts';
import { lookOnce, startSchedules } from '#control/triggers/schedule-runner.ts';
import { createSchedules, scheduleCollection } from '#control/triggers/schedules.ts';
import { createSettings } from '#control/settings.ts';
import { createSubscriptions, subscriptionCollection } from '#control/subscriptions/subscriptions.ts';
import { createTargetAccounts } from '#control/target-accounts.ts';
import { createTokens } from '#control/tokens.ts';
import { createTriggers, triggerCollection } from '#control/triggers/triggers.ts';
import { outgoingFetch, type AddressRule } from './outgoing-fetch.ts';
import type { Platform } from './platform.ts';

/** When a job is to begin nothing more, and who is told of what could not be dealt with. */
interface Once {
  readonly isOver: () => boolean;
  readonly onFailure: (error: unknown) => void;
}

export interface PlaneParams {
  /** What stands against a webhook, beside what is forbidden to all. Default: nothing. */
  readonly webhookRule?: AddressRule | undefined;
}

/** The parts of the control plane on a platform. */
export type Plane = ReturnType<typeof planeOf>;

/** Puts them together. Nothing runs by itself before `startJobs`. */
export function planeOf({ control, deps, audit, serverId }: Platform, { webhookRule }: PlaneParams = {}) {
  const planOf: Plans['get'] = (planId, version) => plans.get(planId, version);
  const newest = async (): Promise<number> => (await audit.chain.head()).sequence;
  const realClock = systemClock();
  const denials = createDenials({ ...deps, audit, now: () => deps.realNow() });
  const courier = createCourier(deps, { fetch: outgoingFetch({ rule: webhookRule }), realClock });
  const sender = {
    recordsAfter: (page: { after: number; limit: number }) => audit.chain.list(page),
    newest,
    courier,
    realClock,
  };
  const requests = createExecutionRequests(deps, {
    control,
    planOf: async (planId, version) => (await planOf(planId, version)).plan,
  });
  const schedules = createSchedules(deps, { planOf });
  const triggers = createTriggers(deps, { planOf, requests });
  const plans = createPlans(deps, control, {
    referrers: async (planId) => [
      ...(await schedules.planReferrers(planId)),
      ...(await triggers.planReferrers(planId)),
    ],
  });
  return {
    requests,
    plans,
    schedules,
    triggers,
    approvals: createApprovals(deps, denials),
    configuration: createConfiguration(deps, [
      scheduleCollection(deps),
      triggerCollection(deps),
      subscriptionCollection(deps),
    ]),
    denials,
    drs: createDrsOperations(deps, { requests }),
    evidence: createEvidence({ control, executions: deps.services.executions, audit, serverId }),
    protectionGroups: createProtectionGroups(deps),
    settings: createSettings(deps),
    subscriptions: createSubscriptions(deps, { ...sender }),
    targetAccounts: createTargetAccounts(deps),
    tokens: createTokens(deps),
    /** What `startJobs` does again and again, once; for a host that comes by each minute. */
    jobs: {
      schedules: (once: Once) => lookOnce(deps, { ...once, requests, now: () => realClock.now() }),
      notifications: (once: Once) => sendDue(deps, { ...once, ...sender }),
      denials: () => denials.recordDue(),
    },
    /** Schedules and notifications, until `stop`. */
    startJobs(onFailure: (error: unknown) => void): { stop(): Promise<void> } {
      const jobs = [
        startSchedules(deps, { requests, realClock, onFailure }),
        startNotifications(deps, { ...sender, onFailure }),
      ];
      return { stop: async () => void (await Promise.all(jobs.map((job) => job.stop()))) };
    },
  };
}
