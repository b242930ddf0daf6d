import type { PlaneDeps } from '../plane-deps.ts';
import { subscriptionDocuments, subscriptionStates } from '../subscriptions/subscriptions.ts';
import { repositoryItems } from '../triggers/schedules.ts';

/** How many enabled subscriptions have failed at their last try. */
export async function failingSubscriptions(deps: Pick<PlaneDeps, 'store'>): Promise<number> {
  const states = await repositoryItems(subscriptionStates(deps));
  const failing = new Set(states.filter(({ value }) => value.failures > 0).map(({ id }) => id));
  if (failing.size === 0) return 0;
  const all = await repositoryItems(subscriptionDocuments(deps));
  return all.filter(({ id, value }) => value.enabled && failing.has(id)).length;
}
