import type { ExecutionView } from '#core/view.ts';
import type { World } from '#sim/kernel/world.ts';
import type { FailoverRow } from '#sim/services/rds/rows.ts';
import type { ChangeRow } from '#sim/services/route53/rows.ts';
import type { JobRow } from '#sim/services/drs/rows.ts';
import type { CommandRow, InvocationRow } from '#sim/services/ssm/rows.ts';

/** One thing that the simulated AWS did for us, ms since 1970. Works of one lane may have to wait for each other. */
interface Work {
  readonly lane: string;
  readonly startsAt: number;
  readonly endsAt: number;
}

/** What a wave took, and what it had to take. */
export interface WaveBound {
  readonly waveNumber: number;
  readonly startsAt: number;
  readonly endsAt: number;
  /** How long the busiest lane worked: an account's DRS jobs, its failovers, its commands, its DNS changes. */
  readonly workMs: number;
  readonly firstWorkAt: number;
  readonly lastWorkEndsAt: number;
}

/**
 * What the simulated work alone needs, by the simulated AWS's own rows. A lane counts while anything works in it, so what
 * quotas force to wait counts and what we let lie idle does not. Waves have to be sequential: theirs add up.
 */
export function boundsOf(view: ExecutionView, world: World): WaveBound[] {
  const works = worksOf(world);
  return view.waves.map(({ waveNumber, startedAt, completedAt }) => {
    const [startsAt, endsAt] = [Date.parse(startedAt!), Date.parse(completedAt!)];
    const here = works.filter((work) => work.startsAt >= startsAt && work.startsAt < endsAt);
    const lanes = Map.groupBy(here, ({ lane }) => lane);
    return {
      waveNumber,
      startsAt,
      endsAt,
      workMs: Math.max(0, ...[...lanes.values()].map(timeCovered)),
      firstWorkAt: Math.min(endsAt, ...here.map((work) => work.startsAt)),
      lastWorkEndsAt: Math.max(startsAt, ...here.map((work) => work.endsAt)),
    };
  });
}

/** During how many ms at least one of them is under way. */
function timeCovered(works: readonly Work[]): number {
  let [coveredMs, until] = [0, -Infinity];
  for (const { startsAt, endsAt } of works.toSorted((a, b) => a.startsAt - b.startsAt)) {
    coveredMs += Math.max(0, endsAt - Math.max(startsAt, until));
    until = Math.max(until, endsAt);
  }
  return coveredMs;
}

/** The tables of the simulated AWS that say when it worked for us. */
interface Tables {
  readonly 'drs.jobs': JobRow;
  readonly 'rds.failovers': FailoverRow;
  readonly 'route53.changes': ChangeRow;
  readonly 'ssm.commands': CommandRow;
  readonly [invocations: `ssm.invocations.${string}`]: InvocationRow;
}

function rowsOf<N extends keyof Tables>(world: World, name: N): { lane: string; row: Tables[N] }[] {
  return world.scopes(name).flatMap((scope) =>
    world
      .table<Tables[N]>(scope, name)
      .all()
      .map((row) => ({ lane: `${name}/${scope.accountId}/${scope.region}`, row })),
  );
}

function worksOf(world: World): Work[] {
  return [
    ...rowsOf(world, 'drs.jobs').map(({ lane, row }) => {
      return { lane, startsAt: row.createdAt, endsAt: row.endsAt };
    }),
    ...rowsOf(world, 'rds.failovers').map(({ lane, row }) => {
      return { lane, startsAt: row.startedAt, endsAt: row.startedAt + row.seconds * 1_000 };
    }),
    ...rowsOf(world, 'route53.changes').map(({ lane, row }) => {
      return { lane, startsAt: row.submittedAt, endsAt: row.insyncAt };
    }),
    ...rowsOf(world, 'ssm.commands').flatMap(({ row }) =>
      rowsOf(world, `ssm.invocations.${row.id}`).map(({ lane, row: invocation }) => {
        return { lane, startsAt: row.requestedAt, endsAt: invocation.endsAt };
      }),
    ),
  ];
}
