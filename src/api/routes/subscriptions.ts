import { Subscription, type Subscriptions } from '#control/subscriptions/subscriptions.ts';
import { z } from 'zod';
import { defineRoute, type AnyRoute } from '../route.ts';
import { DeliveryShape, SubscriptionShape } from '../shapes/subscriptions.ts';
import { documentRoutes } from './document-routes.ts';

const tag = 'Subscriptions';

/** Who hears of the events of executions. */
export function subscriptionsRoutes(subscriptions: Subscriptions): AnyRoute[] {
  return [
    ...documentRoutes({
      documents: subscriptions,
      tag,
      path: '/subscriptions',
      idName: 'subscriptionId',
      plural: 'subscriptions',
      name: 'Subscription',
      noun: 'subscription',
      read: 'configuration:read',
      write: 'configuration:write',
      body: Subscription,
      shape: SubscriptionShape,
    }),
    defineRoute({
      method: 'POST',
      path: '/subscriptions/{subscriptionId}/test',
      permission: 'configuration:write',
      operationId: 'testSubscription',
      tag,
      summary: 'Sends an event of no execution, `SubscriptionTested`, now and once',
      description: 'A delivery that fails is an answer too: its `result` and `detail` say so.',
      params: z.strictObject({ subscriptionId: z.string().min(1).max(128) }),
      responses: { 200: DeliveryShape },
      handle: async ({ params }) => ({ status: 200, body: await subscriptions.test(params.subscriptionId) }),
    }),
  ];
}
