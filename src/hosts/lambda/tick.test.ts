import { expect, test } from 'vitest';
import { virtualClock } from '#clocks/virtual.ts';
import { targetAccountDocuments } from '#control/target-accounts.ts';
import { BreakwaterError } from '#core/errors.ts';
import { receiveGate } from '#workflow/gates.ts';
import { planOf, STARTS_AT, workbench } from '#workflow/testing/bench.ts';
import { METRICS } from './metric-names.ts';
import { readEmf } from './testing/read-emf.ts';
import { runTick, type Tick } from './tick.ts';

const own = { accountId: '111122223333', region: 'eu-central-1' };
const SECOND = 1_000;

/** A tick of 100 s whose parts do what a test says, on records in memory. */
function bench() {
  const work = workbench();
  const clock = virtualClock({ startsAt: STARTS_AT });
  const stopsAt = STARTS_AT + 100 * SECOND;
  const [began, lines, failures]: [string[], string[], string[]] = [[], [], []];
  const step = (name: string) => async (): Promise<void> => void began.push(name);
  const drs = { describeSourceServers: async (): Promise<object[]> => [] };
  const services = {
    ...work.services,
    now: () => clock.now(),
    awsFor: () => ({ for: () => ({ drs }) }) as never,
  };
  const deps = {
    ...work.deps,
    services,
    clock,
    realNow: () => clock.now(),
  } as unknown as Tick['platform']['deps'];
  const audit = { catchUpUntil: step('audit trail'), settled: step('settled') };
  const tick = {
    platform: { deps, audit: audit as unknown as Tick['platform']['audit'] },
    jobs: {
      schedules: step('schedules'),
      notifications: step('notifications'),
      denials: async () => {},
    } as Tick['jobs'],
    sweep: (async () => (began.push('sweep'), [])) as Tick['sweep'],
    own,
    remainingMs: () => stopsAt - clock.now(),
    print: (line: string) => void lines.push(line),
    onFailure: (part: string, error: unknown) => void failures.push(`${part}: ${(error as Error).message}`),
  };
  return { work, clock, tick, audit, drs, deps, began, lines, failures, emf: () => lines.map(readEmf) };
}

const refuse = async (): Promise<never> => {
  throw new BreakwaterError('StoreCorrupt', 'no');
};
const hang = (): Promise<never> => new Promise(() => {});

test('everything is done in order: what is left undone, the audit trail, what is new', async () => {
  const b = bench();
  await runTick(b.tick);
  expect(b.began).toEqual(['sweep', 'audit trail', 'schedules', 'notifications', 'settled']);
  expect(b.failures).toEqual([]);
  expect(b.clock.pending()).toBe(0);
});

test('where nothing is, each metric of its own account and Region is printed, and is 0', async () => {
  const b = bench();
  await runTick(b.tick);
  const none = { GatesOpen: 0, OldestOpenGateSeconds: 0 };
  expect(b.emf()).toEqual([
    { ExecutionsRunning: 0, ExecutionsWaitingForPeople: 0 },
    { Kind: 'dependencies', ...none },
    { Kind: 'pause', ...none },
    { Kind: 'decision', ...none },
    { Kind: 'approval', ...none },
    { SubscriptionsFailing: 0 },
    { AuditOutstanding: 0 },
    { AccountId: '111122223333', Region: 'eu-central-1', ReplicationLagUnknown: 0, StalledServers: 0 },
  ]);
});

test('what runs, what waits and how far replication is behind is printed', async () => {
  const b = bench();
  const executionId = await b.work.start(planOf([{}]));
  const message = { executionId, waveNumber: 1, kind: 'decision', taskToken: 't' };
  await receiveGate(b.work.services, message);
  await b.work.deps.store.write([
    {
      kind: 'put',
      table: 'platform-records',
      key: { partition: 'audit-announced', sort: 'a' },
      value: {},
      expect: 'absent',
    },
  ]);
  b.drs.describeSourceServers = async () => [
    { sourceServerID: 's-1', dataReplicationInfo: { dataReplicationState: 'STALLED', lagDuration: 'PT1H' } },
  ];
  await b.clock.sleep(30 * SECOND);
  await runTick(b.tick);
  const emf = b.emf();
  expect(emf).toContainEqual({ ExecutionsRunning: 1, ExecutionsWaitingForPeople: 1 });
  expect(emf).toContainEqual({ Kind: 'decision', GatesOpen: 1, OldestOpenGateSeconds: 30 });
  expect(emf).toContainEqual({ AuditOutstanding: 1 });
  const names = new Set(emf.flatMap((line) => Object.keys(line)));
  expect(names).toEqual(new Set([...Object.keys(METRICS), 'Kind', 'AccountId', 'Region']));
  expect(emf.at(-1)).toMatchObject({
    ReplicationLagSeconds: 3600,
    ReplicationLagUnknown: 0,
    StalledServers: 1,
  });
});

test('an account that cannot be asked is a warning and a metric, no failure, and the others are measured', async () => {
  const b = bench();
  const accountId = '444455556666';
  await targetAccountDocuments(b.work.deps.store).create(accountId, {
    accountId,
    name: 'Bank',
    roleArn: `arn:aws:iam::${accountId}:role/breakwater`,
    regions: ['eu-west-1'],
  });
  const asked = b.deps.services.awsFor('').for({});
  b.deps.services.awsFor = () => ({
    for: (place) =>
      place.accountId === undefined ? asked : ({ drs: { describeSourceServers: refuse } } as never),
  });
  await runTick(b.tick);
  const [warning, ...emf] = [...b.lines.filter((line) => line.includes('WARN')), ...b.lines.slice(-2)];
  expect(JSON.parse(warning!)).toMatchObject({
    level: 'WARN',
    where: 'replication of 444455556666 in eu-west-1',
    code: 'StoreCorrupt',
  });
  expect(new Set(emf.map(readEmf))).toEqual(
    new Set([
      { AccountId: '111122223333', Region: 'eu-central-1', ReplicationLagUnknown: 0, StalledServers: 0 },
      { AccountId: accountId, Region: 'eu-west-1', ReplicationLagUnknown: 1 },
    ]),
  );
});

test('parts that fail keep no other from running; the tick fails at its end and names them', async () => {
  const b = bench();
  b.tick.sweep = refuse;
  b.tick.jobs.notifications = refuse;
  await expect(runTick(b.tick)).rejects.toMatchObject({
    code: 'JobsFailed',
    message: 'sweep, notifications failed',
  });
  expect(b.began).toEqual(['audit trail', 'schedules', 'settled']);
  expect(b.failures).toEqual(['sweep: no', 'notifications: no']);
  expect(b.emf()).toHaveLength(8);
});

test('one schedule or subscription that fails fails the tick too', async () => {
  const b = bench();
  b.tick.jobs.schedules = async ({ onFailure }) =>
    onFailure(new BreakwaterError('StoreCorrupt', 'one of two'));
  await expect(runTick(b.tick)).rejects.toMatchObject({ message: 'schedules failed' });
  expect(b.failures).toEqual(['schedules: one of two']);
});

test('a part that hangs uses up its share and no more', async () => {
  const b = bench();
  b.audit.catchUpUntil = hang;
  b.tick.jobs.notifications = hang;
  await expect(runTick(b.tick)).rejects.toMatchObject({ message: 'audit trail, notifications failed' });
  expect(b.failures).toEqual(['audit trail: not done within 50 s', 'notifications: not done within 35 s']);
  expect(b.began).toEqual(['sweep', 'schedules', 'settled']);
  expect(b.clock.now() - STARTS_AT).toBe(85 * SECOND);
  // Sweeps of DRS have no time any more; what else there is, is printed.
  expect(b.emf()).toHaveLength(7);
});

test('schedules and notifications begin nothing that might not end in their share', async () => {
  const b = bench();
  const over: boolean[] = [];
  const look =
    (forMs: number): Tick['jobs']['schedules'] =>
    async ({ isOver }) => {
      over.push(isOver());
      await b.clock.sleep(forMs);
      over.push(isOver());
    };
  b.tick.jobs.schedules = look(61 * SECOND);
  b.tick.jobs.notifications = look(15 * SECOND);
  await runTick(b.tick);
  expect(over).toEqual([false, true, false, true]);
});
