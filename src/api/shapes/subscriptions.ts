import { z } from 'zod';
import { Timestamp } from './common.ts';

export const DeliveryShape = z
  .object({
    at: Timestamp,
    event: z.string(),
    executionId: z.string(),
    sequence: z.int(),
    result: z.enum(['delivered', 'failed']),
    status: z.int().optional().describe('What the receiver of a webhook answered'),
    detail: z.string().optional().describe('Why it failed, or the id that SNS or EventBridge gave it'),
  })
  .meta({ id: 'Delivery' });

const TargetShape = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('webhook'),
    url: z.string(),
    secret: z.string().optional().describe('Only in the answer to its creation'),
  }),
  z.object({ type: z.literal('sns'), topicArn: z.string() }),
  z.object({ type: z.literal('eventBridge'), eventBusArn: z.string() }),
]);

export const SubscriptionShape = z
  .object({
    subscriptionId: z.string(),
    to: TargetShape,
    events: z.array(z.string()).optional(),
    enabled: z.boolean(),
    failures: z.int().optional().describe('In a row'),
    failingSince: Timestamp.optional().describe('When the first of these failures was'),
    lastDelivery: DeliveryShape.optional(),
    givenUp: z
      .object({ count: z.int(), lastAt: Timestamp })
      .optional()
      .describe('Events that could not be delivered within 24 hours, since it was made or enabled'),
    waiting: z
      .object({
        count: z.int(),
        oldestAt: Timestamp.optional(),
        isMore: z.boolean().describe('True: not all were counted, it would take too long'),
      })
      .optional()
      .describe('Events that are to be delivered yet. Only of an enabled one that is asked for by its id'),
  })
  .meta({ id: 'Subscription' });
