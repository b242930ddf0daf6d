import { z } from 'zod';
import { Timestamp } from './common.ts';
import { Mode } from './executions.ts';

export const TriggerShape = z
  .object({
    triggerId: z.string(),
    planId: z.string(),
    mode: Mode,
    eventPattern: z
      .record(z.string(), z.unknown())
      .describe('As of EventBridge, with exact values, prefix, anything-but, exists and numeric'),
    minGap: z.string().describe('From one start to the next, ISO 8601'),
    enabled: z.boolean(),
    autoResume: z.boolean(),
    by: z.string().optional().describe('Who made or last changed it'),
    lastStart: z.object({ at: Timestamp, eventId: z.string(), executionId: z.string() }).optional(),
  })
  .meta({ id: 'Trigger' });

export const FiredShape = z
  .object({
    started: z.boolean(),
    executionId: z.string().optional(),
    why: z.enum(['matched', 'notMatched', 'duplicate', 'minGap', 'disabled']),
  })
  .meta({ id: 'Fired' });
