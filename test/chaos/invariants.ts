import { expect } from 'vitest';
import type { ExecutionView, TechnologyView } from '#core/view.ts';
import type { Simulation } from '#sim/index.ts';
import { jobs } from '#sim/services/drs/rows.ts';
import { clusters } from '#sim/services/rds/rows.ts';
import { records, zones } from '#sim/services/route53/rows.ts';
import { executions } from '#sim/services/ssm/rows.ts';
import { hostIds, placesOf, serverIds, type ChaosCase } from './chaos-case.ts';
import type { MortalPlatform } from './mortal-platform.ts';

const SCOPE = { accountId: '111122223333', region: 'us-west-2' };

/** Remembers every look at an execution: what has ended must never change. */
export class Witness {
  readonly #ended = new Map<string, string>();
  last: ExecutionView | null = null;

  see(view: ExecutionView): void {
    this.last = view;
    for (const wave of view.waves) {
      if (['completed', 'failed', 'cancelled'].includes(wave.status))
        this.#mustStay(`wave ${wave.waveNumber}`, [wave.status, wave.startedAt, wave.completedAt]);
      for (const [index, { status, completedAt, attempt }] of wave.technologies.entries()) {
        if (['completed', 'skipped', 'cancelled'].includes(status))
          this.#mustStay(`wave ${wave.waveNumber} technology ${index}`, [status, completedAt, attempt]);
      }
    }
    for (const { gateId, status, resolution, closedAt } of view.gates)
      if (status === 'closed') this.#mustStay(`gate ${gateId}`, [resolution, closedAt]);
    if (['completed', 'failed', 'cancelled'].includes(view.status)) this.#mustStay('execution', [view]);
  }

  #mustStay(what: string, facts: readonly unknown[]): void {
    const seen = JSON.stringify(facts);
    expect(this.#ended.get(what) ?? seen, `${what} has changed after its end`).toBe(seen);
    this.#ended.set(what, seen);
  }
}

interface End {
  readonly chaos: ChaosCase;
  readonly platform: MortalPlatform;
  readonly simulation: Simulation;
  readonly executionId: string;
  readonly witness: Witness;
}

/** What is true of an execution that has ended, by its records and by the simulated AWS. */
export async function checkEnd(end: End): Promise<void> {
  await checkRecords(end);
  await checkEvents(end);
  checkOutcome(end.witness.last!);
  checkOrder(end.witness.last!);
  for (const { waveNumber, index, place, technology } of placesOf(end.chaos.waves)) {
    const view = end.witness.last!.waves[waveNumber - 1]!.technologies[index]!;
    CHECKS[technology.kind](end.simulation, { place, size: technology.size, view });
  }
}

async function checkRecords({ platform, executionId, witness }: End): Promise<void> {
  const { executions: repository } = platform.services;
  const gates = await repository.gates(executionId);
  expect(gates.filter(({ status }) => status !== 'closed')).toEqual([]);
  const locks = await platform.store.query({ table: 'platform-records', partition: 'lock' });
  expect(locks.rows).toEqual([]);
  expect(await repository.unfinished()).toEqual([]);
  const machine = await platform.engine.describe({
    executionId: `arn:aws:states:local:000000000000:execution:recovery:${executionId}`,
  });
  expect(machine?.status).toBe(witness.last!.status === 'completed' ? 'SUCCEEDED' : 'FAILED');
  const head = await repository.head(executionId);
  expect(head).toMatchObject({ workingWaves: 0, pausedWaves: 0, pauseRequested: false });
}

async function checkEvents({ platform, executionId }: End): Promise<void> {
  const events = await platform.control.listEvents({ executionId, limit: 100_000 });
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, i) => i + 1));
  const times = events.map(({ at }) => at);
  expect(times).toEqual(times.toSorted());
  const ends = events.filter(({ code }) =>
    ['ExecutionCompleted', 'ExecutionFailed', 'ExecutionCancelled'].includes(code),
  );
  expect(ends).toHaveLength(1);
  expect(events.at(-1)).toBe(ends[0]);
  expect(events.filter(({ code }) => code === 'ExecutionStarted')).toHaveLength(1);
}

function checkOutcome(view: ExecutionView): void {
  const technologies = view.waves.flatMap((wave) => wave.technologies);
  const open = technologies.filter(({ status }) => status === 'pending' || status === 'in_progress');
  expect(open).toEqual([]);
  for (const { status, completedAt } of view.waves) {
    expect(['completed', 'failed', 'cancelled']).toContain(status);
    expect(completedAt).toBeDefined();
  }
  const isPerfect = technologies.every(
    ({ status, outcomes }) =>
      status === 'completed' && outcomes.every((outcome) => outcome.status === 'completed'),
  );
  const isComplete = view.waves.every(({ status }) => status === 'completed');
  if (view.status === 'completed') {
    expect(isComplete).toBe(true);
    expect(view.outcome).toBe(isPerfect ? 'clean' : 'with_exceptions');
  } else {
    expect(isComplete).toBe(false);
    if (view.status === 'failed') expect(view.error?.message).toBeTruthy();
    else expect(view.cancelRequested).toBe(true);
  }
}

function checkOrder({ waves }: ExecutionView): void {
  for (const { startedAt, dependencies } of waves) {
    if (startedAt === undefined) continue;
    for (const number of dependencies) {
      const before = waves[number - 1]!;
      expect(before.status).toBe('completed');
      expect(before.completedAt! <= startedAt).toBe(true);
    }
  }
}

interface Sight {
  readonly place: string;
  readonly size: number;
  readonly view: TechnologyView;
}

/** What a technology says of itself against what the simulated AWS shows. */
const CHECKS = { drs: checkServers, database: checkCluster, scripts: checkScripts, dns: checkRecord };

function checkServers(simulation: Simulation, { place, size, view }: Sight): void {
  const { world } = simulation;
  const launches = jobs({ ...SCOPE, world })
    .all()
    .flatMap((job) => (job.type === 'LAUNCH' ? job.servers : []));
  for (const id of serverIds(place, size)) {
    const launched = launches.filter((one) => one.sourceServerId === id && one.outcome === 'launched');
    expect(launched.length, `${id} was launched more often than asked for`).toBeLessThanOrEqual(view.attempt);
    const outcome = view.outcomes.find(({ resourceId }) => resourceId === id);
    if (outcome?.status === 'completed') expect(launched.length, `${id} was not launched`).toBeGreaterThan(0);
    if (view.status === 'completed') expect(['completed', 'failed']).toContain(outcome?.status);
  }
  const wanted = view.status === 'completed' ? size - 1 : 0;
  expect(view.outcomes.filter(({ status }) => status === 'completed').length).toBeGreaterThanOrEqual(wanted);
}

function checkCluster(simulation: Simulation, { place, view }: Sight): void {
  const cluster = clusters(simulation.world.callFor(SCOPE, 'test')).get(place)!;
  if (view.status === 'completed' && view.attempt === 1) expect(cluster.writer).toBe(`${place}-instance-2`);
  const calls = simulation.stats.log.filter(
    ({ operation, input, tookEffect }) =>
      tookEffect &&
      operation === 'FailoverDBCluster' &&
      (input as { DBClusterIdentifier?: string }).DBClusterIdentifier === place,
  );
  expect(calls.length, `${place} failed over more often than asked for`).toBeLessThanOrEqual(view.attempt);
}

function checkScripts(simulation: Simulation, { place, size, view }: Sight): void {
  const ran = executions(simulation.world.callFor(SCOPE, 'test')).all();
  for (const id of hostIds(place, size)) {
    const here = ran.filter(({ instanceId }) => instanceId === id);
    expect(here.length, `${place} ran more often on ${id} than asked for`).toBeLessThanOrEqual(view.attempt);
    const isGood = here.some(({ exitCode }) => exitCode === 0);
    if (view.status === 'completed') expect(isGood, `${place} did not succeed on ${id}`).toBe(true);
  }
}

function checkRecord(simulation: Simulation, { place, view }: Sight): void {
  const call = simulation.world.callFor(SCOPE, 'test');
  const [zone] = zones(call).all();
  const record = records(call, zone!.id)
    .all()
    .find(({ Name }) => Name === `${place}.example.com.`);
  const value = record?.ResourceRecords?.[0]?.Value;
  if (view.status === 'completed') expect(value).toBe(`new-${place}.example.net`);
  if (view.status === 'cancelled' && view.startedAt === undefined)
    expect(value).toBe(`old-${place}.example.net`);
}
