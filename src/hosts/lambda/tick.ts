import { measureExecutions } from '#control/measures/executions.ts';
import {
  LONGEST_SWEEP_MS,
  measureReplication,
  type ReplicationPlace,
} from '#control/measures/replication.ts';
import { failingSubscriptions } from '#control/measures/subscriptions.ts';
import type { Sweep } from '#control/recover.ts';
import { LONGEST_DELIVERY_MS } from '#control/subscriptions/courier.ts';
import { BreakwaterError, reportOf } from '#core/errors.ts';
import type { GateKind } from '#core/view.ts';
import { allRows } from '#store/all-rows.ts';
import { ANNOUNCED, AUDIT_TABLE } from '#store/audit-rows.ts';
import type { Plane } from '../plane-of.ts';
import type { Platform } from '../platform.ts';
import { emfLine } from './emf.ts';

/*
 * What Breakwater does by itself on AWS, once a minute. Invariants:
 * 1. everything that a tick must know is in the records: another may have been the last, may have been killed in the middle, and may
 *    be at work beside this one;
 * 2. a part that fails, or takes longer than its share of the time, keeps no other from running;
 * 3. a tick fails at its end if any part did, so that the alarm on the function's errors sees it; each error has a line in the log.
 */

export interface Tick {
  readonly platform: Pick<Platform, 'deps' | 'audit'>;
  readonly jobs: Plane['jobs'];
  /** Makes up for what a killed process has left undone. */
  readonly sweep: Sweep;
  /** Where Breakwater is itself. */
  readonly own: ReplicationPlace;
  /** Until Lambda stops the process. */
  readonly remainingMs: () => number;
  /** Prints a line for CloudWatch. */
  readonly print: (line: string) => void;
  readonly onFailure: (part: string, error: unknown) => void;
}

interface Turn {
  /** What a part may take yet. */
  readonly leftMs: () => number;
  readonly fail: (error: unknown) => void;
}

interface Part {
  readonly name: string;
  /** Where it has to be done: a share of the time that the tick has. */
  readonly until: number;
  readonly run: (tick: Tick, turn: Turn) => Promise<void>;
}

/** What looks that are under way may take yet. */
const LOOK_MS = 3_000;
/** A start looks at a whole plan first. */
const START_MS = 15_000;
/** More than this are not counted one by one. */
const MOST_OUTSTANDING = 1_000;

/** In this order: what is left undone comes before what is new, and nothing is sent that is not chained. */
const PARTS: readonly Part[] = [
  {
    name: 'sweep',
    until: 0.25,
    run: async ({ sweep, platform }, { leftMs }) =>
      void (await sweep(platform.deps, { isOver: () => leftMs() < LOOK_MS })),
  },
  {
    name: 'audit trail',
    until: 0.5,
    run: ({ platform }, { leftMs }) => platform.audit.catchUpUntil(() => leftMs() < LOOK_MS),
  },
  {
    name: 'schedules',
    until: 0.75,
    run: ({ jobs }, { leftMs, fail: onFailure }) =>
      jobs.schedules({ isOver: () => leftMs() < START_MS, onFailure }),
  },
  {
    name: 'notifications',
    until: 0.85,
    run: ({ jobs }, { leftMs, fail: onFailure }) =>
      jobs.notifications({ isOver: () => leftMs() < LONGEST_DELIVERY_MS, onFailure }),
  },
  { name: 'denials', until: 0.86, run: ({ jobs }) => jobs.denials() },
  { name: 'metrics', until: 0.9, run: printMetrics },
  { name: 'replication', until: 0.97, run: printReplication },
];

/** Does what is due. Throws `JobsFailed`, after all of it, if any of it failed. */
export async function runTick(tick: Tick): Promise<void> {
  const totalMs = tick.remainingMs();
  const failed = new Set<string>();
  for (const { name, until, run } of PARTS) {
    const fail = (error: unknown): void => {
      failed.add(name);
      tick.onFailure(name, error);
    };
    const leftMs = (): number => tick.remainingMs() - (1 - until) * totalMs;
    try {
      await inTime(tick, leftMs(), run(tick, { leftMs, fail }));
    } catch (error) {
      fail(error);
    }
  }
  // Lambda may stop the process once it has answered.
  await tick.platform.audit.settled();
  if (failed.size > 0) throw new BreakwaterError('JobsFailed', `${[...failed].join(', ')} failed`);
}

/** What is not done in time goes on beside the others, as it would in a tick that runs beside this one. */
async function inTime({ platform }: Tick, ms: number, work: Promise<void>): Promise<void> {
  const { clock } = platform.deps;
  const late = Promise.withResolvers<never>();
  const message = `not done within ${Math.round(ms / 1_000)} s`;
  const cancel = clock.at(clock.now() + Math.max(0, ms), () =>
    late.reject(new BreakwaterError('JobsFailed', message)),
  );
  try {
    await Promise.race([work, late.promise]);
  } finally {
    cancel();
  }
}

async function printMetrics({ platform, print }: Tick): Promise<void> {
  const { deps } = platform;
  const { running, waitingForPeople, gates } = await measureExecutions(deps);
  const now = deps.realNow();
  print(emfLine(now, { ExecutionsRunning: running, ExecutionsWaitingForPeople: waitingForPeople }));
  for (const Kind of Object.keys(gates) as GateKind[]) {
    const { open, oldestSeconds } = gates[Kind];
    print(emfLine(now, { GatesOpen: open, OldestOpenGateSeconds: oldestSeconds }, { Kind }));
  }
  print(emfLine(now, { SubscriptionsFailing: await failingSubscriptions(deps) }));
  const announced = { table: AUDIT_TABLE, partition: ANNOUNCED } as const;
  const outstanding = await allRows(deps.store, announced, MOST_OUTSTANDING);
  print(emfLine(now, { AuditOutstanding: outstanding.length }));
}

async function printReplication({ platform, own, print }: Tick, { leftMs }: Turn): Promise<void> {
  const { deps } = platform;
  const measures = await measureReplication(deps, {
    own,
    isOver: () => leftMs() < LONGEST_SWEEP_MS,
    onUnknown: ({ accountId, region }, error) =>
      print(
        JSON.stringify({
          level: 'WARN',
          where: `replication of ${accountId} in ${region}`,
          ...reportOf(error),
        }),
      ),
  });
  for (const { accountId: AccountId, region: Region, lagSeconds, stalled, unknown } of measures)
    print(
      emfLine(
        deps.realNow(),
        {
          ReplicationLagUnknown: unknown ? 1 : 0,
          ...(lagSeconds === undefined ? {} : { ReplicationLagSeconds: lagSeconds }),
          ...(stalled === undefined ? {} : { StalledServers: stalled }),
        },
        { AccountId, Region },
      ),
    );
}
