import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { virtualClock, type VirtualClock } from '#clocks/virtual.ts';
import { isBreakwaterError } from '#core/errors.ts';
import { Plan } from '#core/plan.ts';
import { hasEnded } from '#core/states.ts';
import type { ExecutionView } from '#core/view.ts';
import { simulatedEstate } from '#hosts/local/estate.ts';
import { openPlatform } from '#hosts/local/platform.ts';
import { createSimulation, parseScenario, type Simulation } from '#sim/index.ts';
import { jobs } from '#sim/services/drs/rows.ts';
import { Life, openMortal, type MortalPlatform } from './mortal-platform.ts';

/** Whole executions on a simulated AWS in virtual time, each with one thing that goes wrong. */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const STARTS_AT = Date.parse('2026-01-07T10:00:00Z');
const SERVERS = ['s-00000000000000001', 's-00000000000000002', 's-00000000000000003'];

let directory: string;
let clock: VirtualClock;
let simulation: Simulation;
const open: MortalPlatform[] = [];
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'breakwater-'));
  clock = virtualClock({ startsAt: STARTS_AT });
});
afterEach(async () => {
  for (const platform of open.splice(0)) await platform.bury();
  rmSync(directory, { recursive: true });
});

const RECORDS = ['a', 'b', 'c', 'd'];

function estate({
  faults = [],
  servers = [{}, {}, {}],
}: { faults?: object[]; servers?: object[] } = {}): void {
  const scenario = parseScenario(scenarioWith({ faults, servers }));
  simulation = createSimulation({ scenario, clock });
}

function scenarioWith({ faults = [], servers = [] }: { faults?: object[]; servers?: object[] }): object {
  const sourceServers = servers.map((traits, n) => ({
    id: SERVERS[n],
    hostname: `app-${n}`,
    originRegion: 'us-east-1',
    ...traits,
  }));
  const records = RECORDS.map((name) => ({
    name: `${name}.example.com`,
    type: 'CNAME',
    values: ['old.example.net'],
  }));
  return {
    name: 'orchestration',
    startsAt: '2026-01-07T10:00:00Z',
    accounts: [
      {
        accountId: '111122223333',
        regions: { 'us-west-2': { drs: { sourceServers } } },
        route53: { zones: [{ name: 'example.com', records }] },
      },
    ],
    faults,
  };
}

async function begin(lastMoment = Infinity): Promise<MortalPlatform> {
  const platform = await openMortal({
    recordsPath: path.join(directory, 'records.db'),
    enginePath: path.join(directory, 'engine.db'),
    clock,
    simulation,
    life: new Life(lastMoment),
    seed: open.length,
  });
  open.push(platform);
  return platform;
}

const dns = (name: string, more: object = {}) => ({
  type: 'infrastructure',
  operation: 'dns_update',
  resources: { route53Records: [{ recordName: `${name}.example.com`, newValue: 'new.example.net' }] },
  ...more,
});
const servers = (more: object = {}) => ({
  type: 'drs',
  operation: 'recovery',
  resources: { sourceServerIds: SERVERS },
  ...more,
});

function planOf(
  ...waves: { technologies: object[]; pauseAfterWave?: boolean; dependencies?: number[] }[]
): Plan {
  return Plan.parse({
    region: 'us-west-2',
    waves: waves.map((wave, i) => ({ waveNumber: i + 1, name: `Wave ${i + 1}`, ...wave })),
  });
}

async function start({ control }: MortalPlatform, plan: Plan, more: object = {}): Promise<string> {
  const params = { plan, mode: 'recovery', initiatedBy: 'ana', ...more } as const;
  return (await control.startExecution(params)).executionId;
}

type Until = (view: ExecutionView) => boolean;
const ended: Until = ({ status }) => hasEnded(status);
const atGate: Until = ({ gates }) => gates.some(({ status }) => status === 'open');

/** Waits until the execution is as asked for; at most 60 days. */
async function until(
  { control }: Pick<MortalPlatform, 'control'>,
  executionId: string,
  is: Until = ended,
): Promise<ExecutionView> {
  for (const limit = clock.now() + 60 * DAY_MS; ; await clock.sleep(60_000)) {
    const view = await control.getExecution({ executionId });
    if (is(view)) return view;
    if (clock.now() > limit) throw new TypeError(`it never came: ${JSON.stringify(view)}`);
  }
}

describe('a process that is away', () => {
  test('for an hour in the middle of a poll takes nothing for a failure', async () => {
    estate();
    const first = await begin();
    const id = await start(first, planOf({ technologies: [servers()] }));
    const death = simulation.hook({
      after: ({ operation, time }) => {
        if (operation === 'DescribeJobs' && time > STARTS_AT + 60_000)
          first.life.end('in the middle of a poll');
      },
    });
    await first.life.death;
    death();
    await clock.sleep(HOUR_MS);
    await first.bury();
    const view = await until(await begin(), id);
    expect(view).toMatchObject({
      status: 'completed',
      outcome: 'clean',
      waves: [{ technologies: [{ status: 'completed', attempt: 1 }] }],
    });
    expect(simulation.stats.effects({ operation: 'StartRecovery' })).toBe(1);
  });

  /** About as many deaths; `MOMENTS=all` tries every moment. */
  const DEATHS = process.env['MOMENTS'] === 'all' ? Infinity : 50;

  test('once, at any moment of its life, goes on to the same end', { timeout: 300_000 }, async () => {
    const whole = await runWithOneDeath(Infinity);
    const step = Math.max(1, Math.round(whole.moments / DEATHS));
    let deaths = 0;
    for (let moment = 1; moment < whole.moments; moment += step) {
      const life = await runWithOneDeath(moment);
      if (life.isOver) deaths++;
    }
    expect(deaths).toBeGreaterThan(40);
  });

  /** The life of the process that died at this moment, if it had so many. */
  async function runWithOneDeath(moment: number): Promise<Life> {
    clock = virtualClock({ startsAt: STARTS_AT });
    rmSync(directory, { recursive: true });
    directory = mkdtempSync(path.join(tmpdir(), 'breakwater-'));
    estate();
    const plan = planOf({ technologies: [dns('a')], pauseAfterWave: true }, { technologies: [dns('b')] });
    const life = new Life(moment);
    const paths = {
      recordsPath: path.join(directory, 'records.db'),
      enginePath: path.join(directory, 'engine.db'),
    };
    const params = {
      plan,
      mode: 'recovery',
      initiatedBy: 'ana',
      idempotencyKey: 'one',
      autoResume: false,
    } as const;
    const go = async (platform: MortalPlatform): Promise<ExecutionView> => {
      const { executionId } = await platform.control.startExecution(params);
      for (;;) {
        const view = await platform.control.getExecution({ executionId });
        if (hasEnded(view.status)) return view;
        if (atGate(view)) await platform.control.resume({ executionId, by: 'ana' });
        await Promise.race([clock.sleep(30_000), platform.life.death]);
      }
    };
    const alive = async <T>(work: () => Promise<T>): Promise<T | null> => {
      try {
        return await work();
      } catch (error) {
        if (life.isOver) return null;
        throw error;
      }
    };
    const first = await alive(() => openMortal({ ...paths, clock, simulation, life, seed: 1 }));
    let view = first === null ? null : await alive(() => go(first));
    await first?.bury();
    if (view === null) {
      const second = await openMortal({ ...paths, clock, simulation, life: new Life(Infinity), seed: 2 });
      view = await go(second);
      await second.bury();
    }
    const at = `death ${moment} at ${life.diedAt}`;
    expect(view, at).toMatchObject({ status: 'completed', outcome: 'clean' });
    expect(
      view.waves.map(({ status }) => status),
      at,
    ).toEqual(['completed', 'completed']);
    // A change whose answer was lost is made once more: it says the same.
    expect(simulation.stats.effects({ operation: 'ChangeResourceRecordSets' }), at).toBeLessThanOrEqual(3);
    return life;
  }

  test('before it gave its locks back does not keep them for ever', async () => {
    estate();
    const first = await begin();
    const id = await start(first, planOf({ technologies: [dns('a')], pauseAfterWave: true }));
    await until(first, id, atGate);
    first.life.end('with locks');
    await first.bury();
    const second = await begin();
    await second.control.resume({ executionId: id, by: 'ana' });
    await until(second, id);
    expect((await second.store.query({ table: 'platform-records', partition: 'lock' })).rows).toEqual([]);
  });
});

test('a process that is stopped in good order in the middle of a call takes the call for no failure', async () => {
  const faults = [{ fault: 'throttle', operation: 'ChangeResourceRecordSets', for: 'PT1M' }];
  const where = simulatedEstate({ scenario: parseScenario(scenarioWith({ faults })), clock, path: null });
  const paths = {
    recordsPath: path.join(directory, 'records.db'),
    enginePath: path.join(directory, 'engine.db'),
  };
  const first = await openPlatform({ ...paths, clock, estate: where });
  const plan = planOf({ technologies: [dns('a')] });
  const { executionId } = await first.control.startExecution({ plan, mode: 'recovery', initiatedBy: 'ana' });
  await clock.sleep(2_000);
  await first.close();
  const second = await openPlatform({ ...paths, clock, estate: where });
  const view = await until(second, executionId, (one) => ended(one) || atGate(one));
  await second.close();
  expect(view).toMatchObject({ status: 'completed', outcome: 'clean', gates: [] });
});

describe('gates', () => {
  test('at which nobody acts for seven days end the execution, and say so', async () => {
    estate({ servers: [{ launch: 'fail-conversion' }, {}, {}] });
    const platform = await begin();
    const id = await start(platform, planOf({ technologies: [servers()] }, { technologies: [dns('a')] }));
    await until(platform, id, atGate);
    await clock.sleep(7 * DAY_MS - HOUR_MS);
    const view = await until(platform, id);
    expect(view).toMatchObject({
      status: 'failed',
      waves: [{ status: 'failed' }, { status: 'cancelled', technologies: [{ status: 'cancelled' }] }],
      gates: [{ status: 'closed', resolution: { action: 'expired', by: 'breakwater' } }],
    });
    const [gate] = view.gates;
    expect(Date.parse(gate!.closedAt!) - Date.parse(gate!.openedAt)).toBe(7 * DAY_MS);
    expect(gate!.closedAt).toBe(gate!.expiresAt);
    expect((await platform.store.query({ table: 'platform-records', partition: 'lock' })).rows).toEqual([]);
  });

  test('that together take longer than seven days fail nobody who acts in time', async () => {
    estate();
    const platform = await begin();
    const pauseAfterWave = true;
    const id = await start(
      platform,
      planOf(...['a', 'b', 'c', 'd'].map((name) => ({ technologies: [dns(name)], pauseAfterWave }))),
    );
    for (let n = 0; n < 4; n++) {
      await until(platform, id, atGate);
      await clock.sleep(3 * DAY_MS);
      await platform.control.resume({ executionId: id, by: 'ana' });
    }
    expect(await until(platform, id)).toMatchObject({ status: 'completed', outcome: 'clean' });
  });
});

describe('a Region that is down', () => {
  test('for half an hour before a wave holds the wave up, and nobody is asked', async () => {
    estate({ faults: [{ fault: 'regionDown', region: 'us-west-2', after: 'PT1S', for: 'PT30M' }] });
    const platform = await begin();
    const id = await start(platform, planOf({ technologies: [dns('a')] }, { technologies: [servers()] }));
    const view = await until(platform, id);
    expect(view).toMatchObject({ status: 'completed', outcome: 'clean', gates: [] });
    expect(Date.parse(view.completedAt!) - STARTS_AT).toBeGreaterThan(30 * 60_000);
  });

  test('for hours is a matter for a person, who may try again', async () => {
    estate({ faults: [{ fault: 'regionDown', region: 'us-west-2', after: 'PT1S', for: 'PT6H' }] });
    const platform = await begin();
    const id = await start(platform, planOf({ technologies: [dns('a')] }, { technologies: [servers()] }));
    const asked = await until(platform, id, atGate);
    expect(asked.gates[0]).toMatchObject({ kind: 'decision', waveNumber: 2 });
    await clock.sleep(6 * HOUR_MS);
    await platform.control.decide({ executionId: id, gateId: 'w2-decision', action: 'retry', by: 'ana' });
    expect(await until(platform, id)).toMatchObject({ status: 'completed', outcome: 'clean' });
  });
});

test('credentials that are expired for hours hold a technology up beyond the life of one state machine', async () => {
  const faults = [
    { fault: 'error', code: 'ExpiredTokenException', service: 'drs', after: 'PT1M', for: 'PT3H' },
  ];
  estate({ faults });
  const platform = await begin();
  const id = await start(platform, planOf({ technologies: [servers({ timeout: 'PT6H' })] }));
  await clock.sleep(HOUR_MS);
  const held = await platform.control.getExecution({ executionId: id });
  expect(held.waves[0]!.technologies[0]!.detail).toContain('AwsCredentialsExpired');
  expect(await until(platform, id)).toMatchObject({ status: 'completed', outcome: 'clean', gates: [] });
  const fresh = `arn:aws:states:local:000000000000:execution:technology:${id}-w1-t0-a1-c1`;
  expect(await platform.engine.describe({ executionId: fresh })).toMatchObject({ status: 'SUCCEEDED' });
});

test('a retry after some servers failed launches those alone, and the others stay in the outcome', async () => {
  estate({ servers: [{ launch: 'fail-conversion', times: 1 }, {}, {}] });
  const platform = await begin();
  const id = await start(platform, planOf({ technologies: [servers()] }));
  const asked = await until(platform, id, atGate);
  expect(asked.waves[0]!.technologies[0]!.outcomes.map(({ status }) => status)).toEqual([
    'failed',
    'completed',
    'completed',
  ]);
  await platform.control.decide({ executionId: id, gateId: 'w1-decision', action: 'retry', by: 'ana' });
  const view = await until(platform, id);
  expect(view).toMatchObject({ status: 'completed', outcome: 'clean' });
  expect(view.waves[0]!.technologies[0]!.outcomes.map(({ status }) => status)).toEqual([
    'completed',
    'completed',
    'completed',
  ]);
  const scope = { accountId: '111122223333', region: 'us-west-2', world: simulation.world };
  expect(
    jobs(scope)
      .all()
      .map((job) => job.servers.map(({ sourceServerId }) => sourceServerId)),
  ).toEqual([SERVERS, SERVERS.slice(0, 1)]);
});

test('two executions that want the same servers: the second is told who has them, and gets them when they are free', async () => {
  estate();
  const platform = await begin();
  const plan = planOf({ technologies: [servers({ parameters: { allowRelaunch: true } })] });
  const [one, two] = [await start(platform, plan), await start(platform, plan)];
  const asked = await until(platform, two, atGate);
  expect(asked.gates[0]!.reason).toContain(`is held by ${one}`);
  expect(await until(platform, one)).toMatchObject({ status: 'completed', outcome: 'clean' });
  await platform.control.decide({ executionId: two, gateId: 'w1-decision', action: 'retry', by: 'ana' });
  expect(await until(platform, two)).toMatchObject({ status: 'completed', outcome: 'clean' });
});

describe('many people at once', () => {
  const quietly = async (work: Promise<void>): Promise<string> => {
    try {
      await work;
      return 'done';
    } catch (error) {
      if (!isBreakwaterError(error)) throw error;
      return error.code;
    }
  };

  test('who resume, pause and decide leave each gate closed once, and the execution goes on', async () => {
    estate({ servers: [{ launch: 'fail-conversion', times: 1 }, {}, {}] });
    const platform = await begin();
    const { control } = platform;
    const pauseAfterWave = true;
    const executionId = await start(
      platform,
      planOf(
        { technologies: [servers()], dependencies: [] },
        { technologies: [dns('a')], dependencies: [], pauseAfterWave },
        { technologies: [dns('b')], dependencies: [2], pauseAfterWave },
        { technologies: [dns('c')], dependencies: [1, 3] },
      ),
    );
    const answers: string[] = [];
    for (let round = 0; round < 12; round++) {
      const { gates } = await control.getExecution({ executionId });
      const calls = Array.from({ length: 50 }, (_, n) => {
        const by = `person ${n}`;
        const gate = gates.findLast(({ status }) => status === 'open');
        const kind = (n * 7 + round) % 5;
        if (kind < 2) return control.resume({ executionId, by });
        if (kind === 2 && round < 10) return control.pause({ executionId, by });
        const action = gate?.kind === 'pause' ? 'resume' : 'retry';
        return control.decide({ executionId, gateId: gate?.gateId ?? 'none', action, by });
      });
      answers.push(...(await Promise.all(calls.map(quietly))));
      await clock.sleep(4 * 60_000);
    }
    for (let view = await control.getExecution({ executionId }); !ended(view);) {
      await quietly(control.resume({ executionId, by: 'the last' }));
      await clock.sleep(60_000);
      view = await control.getExecution({ executionId });
      expect(clock.now() - STARTS_AT).toBeLessThan(DAY_MS);
    }
    const view = await control.getExecution({ executionId });
    expect(view).toMatchObject({ status: 'completed', outcome: 'clean' });
    expect(new Set(answers)).toEqual(new Set(['done', 'GateNotOpen', 'ExecutionNotRunning']));
    const events = await control.listEvents({ executionId });
    const closings = events.filter(({ code }) => code === 'GateClosed').map(({ data }) => data['gateId']);
    expect(new Set(closings).size).toBe(closings.length);
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, i) => i + 1));
    const wishes = events.filter(
      ({ code }) => code === 'ExecutionPauseRequested' || code === 'ExecutionResumed',
    );
    expect(wishes.length).toBeGreaterThan(10);
  });

  test('who cancel and resume leave it cancelled once', async () => {
    estate();
    const platform = await begin();
    const { control } = platform;
    const executionId = await start(
      platform,
      planOf({ technologies: [dns('a')], pauseAfterWave: true }, { technologies: [dns('b')] }),
    );
    await until(platform, executionId, atGate);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        quietly(
          n % 2 === 0
            ? control.cancel({ executionId, by: `p${n}` })
            : control.pause({ executionId, by: `p${n}` }),
        ),
      ),
    );
    expect(new Set(answers)).toEqual(new Set(['done']));
    expect(await until(platform, executionId)).toMatchObject({ status: 'cancelled', pauseRequested: false });
    const events = await control.listEvents({ executionId });
    expect(events.filter(({ code }) => code === 'ExecutionCancelRequested')).toHaveLength(1);
    expect(events.filter(({ code }) => code === 'ExecutionPauseRequested')).toHaveLength(1);
  });
});

describe('a pause', () => {
  test('during the last wave holds nothing up', async () => {
    estate();
    const platform = await begin();
    const id = await start(platform, planOf({ technologies: [dns('a')] }));
    await platform.control.pause({ executionId: id, by: 'ana' });
    await clock.sleep(1_000);
    const view = await platform.control.getExecution({ executionId: id });
    if (view.status === 'paused') await platform.control.resume({ executionId: id, by: 'ana' });
    await clock.sleep(20_000);
    await platform.control.pause({ executionId: id, by: 'ana' });
    expect(await until(platform, id)).toMatchObject({ status: 'completed', pauseRequested: false });
  });

  test('that nobody asked for cannot be taken back, which is no error', async () => {
    estate();
    const platform = await begin();
    const id = await start(platform, planOf({ technologies: [dns('a')] }));
    await platform.control.resume({ executionId: id, by: 'ana' });
    const view = await until(platform, id);
    expect(view.status).toBe('completed');
    const events = await platform.control.listEvents({ executionId: id });
    expect(events.filter(({ code }) => code === 'ExecutionResumed')).toEqual([]);
  });
});

describe('a cancel', () => {
  test('while a decision is asked for needs no decision any more', async () => {
    estate({ servers: [{ launch: 'fail-conversion' }, {}, {}] });
    const platform = await begin();
    const id = await start(platform, planOf({ technologies: [servers()] }, { technologies: [dns('a')] }));
    await until(platform, id, atGate);
    await platform.control.cancel({ executionId: id, by: 'ana' });
    expect(await until(platform, id)).toMatchObject({
      status: 'cancelled',
      waves: [{ status: 'cancelled' }, { status: 'cancelled' }],
      gates: [{ status: 'closed', resolution: { action: 'cancel' } }],
    });
  });

  test('while servers are being launched stops at the next look, and says what goes on', async () => {
    estate();
    const platform = await begin();
    const id = await start(platform, planOf({ technologies: [servers()] }));
    await clock.sleep(120_000);
    await platform.control.cancel({ executionId: id, by: 'ana' });
    const view = await until(platform, id);
    expect(view).toMatchObject({ status: 'cancelled', waves: [{ technologies: [{ status: 'cancelled' }] }] });
    expect(view.waves[0]!.technologies[0]!.detail).toContain('what was running goes on');
  });
});
