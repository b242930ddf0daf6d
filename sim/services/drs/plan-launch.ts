import type { Call } from '#sim/kernel/contract.ts';
import type { Random } from '#sim/kernel/random.ts';
import { outcomeOf } from './launch-outcome.ts';
import type { JobServer, SourceServerRow } from './rows.ts';
import type { Settings, Timing } from './settings.ts';

/** Share of the launch phase that passes before EC2 shows the instance (its volumes are made first). A guess. */
const BEFORE_INSTANCE = 0.6;

/** A stuck job outlives every plan. */
const STUCK_MS = 365 * 86_400_000;

export interface Requested {
  readonly server: SourceServerRow;
  readonly snapshotId: string | undefined;
}

interface LaunchPlan {
  readonly startsAt: number;
  readonly endsAt: number;
  readonly servers: JobServer[];
}

/**
 * Draws everything that a LAUNCH job will do. The servers of a job move nearly in lock-step, as in the recorded
 * drills: one draw a phase for the whole job, times what makes a server slower, plus a little jitter.
 */
export function planLaunch(
  call: Call,
  given: { jobId: string; requested: readonly Requested[]; settings: Settings; silent: boolean },
): LaunchPlan {
  const { jobId, requested, settings, silent } = given;
  const { timing } = settings;
  const draw = call.world.random(`drs.job/${jobId}`);
  const deviates = {
    gap: draw.lognormal(1, 1),
    conversion: draw.lognormal(1, 1),
    launch: draw.lognormal(1, 1),
  };
  const startsAt = Math.round(call.now + ms(timing, timing.queueSeconds));
  const count = requested.length;
  const servers = requested.map(({ server, snapshotId }, index): JobServer => ({
    sourceServerId: server.id,
    ...outcomeOf(call, { jobId, server, settings, silent, snapshotId }),
    conversionServerId: call.world.newId('i-'),
    recoveryInstanceId: server.launchConfiguration.launchIntoEC2InstanceID ?? call.world.newId('i-'),
    replaces: server.recoveryInstanceId,
    ...phasesOf({ server, startsAt, index, count, timing, deviates, draw }),
  }));
  const workDone = silent
    ? startsAt + ms(timing, timing.silentFailureSeconds)
    : Math.max(...servers.map(endOfServer)) + ms(timing, timing.endSeconds);
  return { startsAt, endsAt: Math.round(workDone), servers };
}

/** When a server's part of the job is over, well or badly. */
export function endOfServer(server: JobServer): number {
  switch (server.outcome) {
    case 'no-snapshot':
    case 'nothing':
      return server.snapshotEnd;
    case 'conversion-failed':
      return server.conversionEnd;
    case 'stuck':
      return server.conversionStart + STUCK_MS;
    case 'launch-failed':
    case 'launched':
      return server.launchEnd;
  }
}

type Phase =
  | 'snapshotStart'
  | 'snapshotEnd'
  | 'conversionStart'
  | 'conversionEnd'
  | 'launchStart'
  | 'instanceAt'
  | 'launchEnd';

function phasesOf(given: {
  server: SourceServerRow;
  startsAt: number;
  index: number;
  count: number;
  timing: Timing;
  deviates: { gap: number; conversion: number; launch: number };
  draw: Random;
}): Pick<JobServer, Phase> {
  const { server, startsAt, index, count, timing, deviates, draw } = given;
  const isWindows = server.os === 'windows';
  const sigma = isWindows ? timing.windowsSigma : timing.sigma;
  const slower =
    (isWindows ? timing.windowsFactor : 1) * (1 + timing.diskFactor * (server.diskBytes.length - 1));
  const jitter = (upTo: number): number => (sigma === 0 ? 0 : draw.uniform(0, upTo * timing.scale));
  const firstSnapshot = startsAt + ms(timing, 0.2);
  const snapshotMs = ms(timing, timing.snapshotSecondsPerServer);
  // The gap hardly varies: 51.9 and 51.2 s were recorded.
  const gapMs = ms(timing, timing.gapSeconds) * deviates.gap ** (timing.sigma / 10);
  const conversionStart = firstSnapshot + snapshotMs * count + gapMs;
  const converted =
    conversionStart + ms(timing, timing.conversionSeconds) * slower * deviates.conversion ** sigma;
  const launchStart = converted + ms(timing, 0.65);
  const launchMs = ms(timing, timing.launchSeconds) * slower * deviates.launch ** sigma;
  return rounded({
    snapshotStart: firstSnapshot + snapshotMs * index,
    snapshotEnd: firstSnapshot + snapshotMs * (index + 1),
    conversionStart,
    conversionEnd: converted + jitter(100),
    launchStart,
    instanceAt: launchStart + launchMs * BEFORE_INSTANCE,
    launchEnd: launchStart + launchMs + jitter(1400),
  });
}

function ms(timing: Timing, seconds: number): number {
  return seconds * timing.scale * 1000;
}

function rounded<T extends Record<string, number>>(times: T): T {
  return Object.fromEntries(Object.entries(times).map(([key, time]) => [key, Math.round(time)])) as T;
}
