import { scaledClock } from '#clocks/scaled.ts';
import { virtualClock } from '#clocks/virtual.ts';
import type { SessionClock, Time } from '#cli/host.ts';
import type { Clock } from '#core/clock.ts';
import { BreakwaterError, hasCode } from '#core/errors.ts';
import { z } from 'zod';
import { readMeta, writeMeta } from './data-directory.ts';

/** How a data directory was last run, so that its executions can go on as they were. */
const RunRecord = z.object({
  simulated: z.boolean(),
  time: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('system') }),
    z.object({ kind: z.literal('scaled'), speed: z.number().positive() }),
    z.object({ kind: z.literal('virtual'), seed: z.int().optional() }),
  ]),
});

/** How the directory was last run; `null` if it never was. Throws `StoreCorrupt`. */
export function readRun(dataDir: string): z.infer<typeof RunRecord> | null {
  const meta = readMeta(dataDir, 'run');
  if (meta === null) return null;
  const parsed = RunRecord.safeParse(meta);
  if (parsed.success) return parsed.data;
  throw new BreakwaterError('StoreCorrupt', `${dataDir}/run.meta.json does not say how it was run`);
}

/**
 * Notes how far the clock has come. That this cannot be written, on a full disk for one, is no reason to stop: records and
 * simulated world carry times as well, and the next tick tries again.
 */
export async function keepMoment(dataDir: string, now: number): Promise<void> {
  try {
    await writeMeta(dataDir, 'clock', now);
  } catch (error) {
    if (!hasCode(error, 'DataDirectoryUnusable')) throw error;
  }
}

/**
 * The time of a directory's executions as far as it was kept: to the second while a process runs on it. Never before
 * `earliest`: what is written with this time comes after what is there.
 */
export function clockForLooking(dataDir: string, earliest = 0): SessionClock {
  const run = readRun(dataDir);
  return {
    now: () => {
      const seen = readMeta(dataDir, 'clock');
      const simulated = typeof seen === 'number' && run?.simulated === true;
      return Math.max(earliest, simulated ? seen : Date.now());
    },
    describe: () => describeTime((run?.time ?? { kind: 'system' }) as Time),
  };
}

/** The clock that a time is kept by, in a simulated AWS. */
export function clockOf(time: Time, startsAt: number): Clock {
  switch (time.kind) {
    case 'system':
      return scaledClock({ startsAt, speed: 1 });
    case 'scaled':
      return scaledClock({ startsAt, speed: time.speed });
    case 'virtual':
      return virtualClock({ startsAt });
  }
}

/** A time in words for people. */
export function describeTime(time: Time): string {
  switch (time.kind) {
    case 'system':
      return 'real time';
    case 'scaled':
      return `${time.speed}× real time`;
    case 'virtual':
      return time.seed === undefined ? 'virtual time' : `virtual time, seed ${time.seed}`;
  }
}
