import { z } from 'zod';
import { Timestamp } from './common.ts';

export const ScheduleShape = z
  .object({
    scheduleId: z.string(),
    planId: z.string(),
    mode: z.literal('drill'),
    cron: z.string().describe('Minute, hour, day of month, month, day of week'),
    timeZone: z.string().describe('IANA'),
    enabled: z.boolean(),
    autoResume: z.boolean(),
    nextRunAt: Timestamp.optional(),
    lastRun: z
      .object({
        dueAt: Timestamp,
        result: z.enum(['started', 'skipped', 'missed', 'failed']),
        executionId: z.string().optional(),
        detail: z.string().optional(),
      })
      .optional(),
  })
  .meta({ id: 'Schedule' });
