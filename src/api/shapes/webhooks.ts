import { z } from 'zod';
import { Timestamp } from './common.ts';

export const WebhookShape = z
  .object({
    webhookId: z.string(),
    url: z.string(),
    secret: z.string().optional().describe('Only in the answer to its creation'),
    events: z.array(z.string()).optional(),
    enabled: z.boolean(),
    failures: z.int().optional().describe('In a row'),
    failingSince: Timestamp.optional(),
    lastDelivery: z
      .object({
        at: Timestamp,
        event: z.string(),
        executionId: z.string(),
        sequence: z.int(),
        result: z.enum(['delivered', 'failed']),
        status: z.int().optional(),
        detail: z.string().optional(),
      })
      .optional(),
  })
  .meta({ id: 'Webhook' });
