import { z } from 'zod';
import type { Call } from '#sim/kernel/contract.ts';
import { distinct } from '#sim/services/distinct.ts';
import { arnOf, buses } from './rows.ts';

const Bus = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,256}$/, 'expected letters, digits, dot, dash and underscore, at most 256'),
  /** The error code that entries for it get. */
  refuses: z.string().optional(),
  /** The first n entries are refused, later ones are taken. Default: all. */
  times: z.int().min(1).optional(),
});

/** `accounts[].regions.<region>.events`. */
export const EventsSection = z.strictObject({ buses: distinct(Bus, 'name') });

export function seed(call: Call, section: z.infer<typeof EventsSection>): void {
  for (const { name, refuses = null, times = null } of section.buses) {
    buses(call).put(name, { name, arn: arnOf(call, name), refuses, refusalsLeft: times });
  }
}
