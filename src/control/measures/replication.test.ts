import { expect, test } from 'vitest';
import { virtualClock } from '#clocks/virtual.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { SourceServer } from '../drs/views.ts';
import type { PlaneDeps } from '../plane-deps.ts';
import { targetAccountDocuments } from '../target-accounts.ts';
import { OTHER, OWN, REGION, SERVER_2, testEstate } from '../testing/estate.ts';
import { NOW, testPlane } from '../testing/plane.ts';
import { measureReplication, noteReplication, type ReplicationPlace } from './replication.ts';

const own = { accountId: OWN, region: REGION };
const MINUTE = 60_000;
const there = { accountId: OTHER, region: 'eu-west-1' };
const initialized: SourceServer = {
  sourceServerID: 's-1',
  dataReplicationInfo: { dataReplicationState: 'CONTINUOUS', lagDuration: 'PT1M30.123456S' },
};
const serverIn = (dataReplicationState: string, lagDuration?: string): SourceServer =>
  ({
    sourceServerID: `s-${dataReplicationState}`,
    dataReplicationInfo: { dataReplicationState, lagDuration },
  }) as SourceServer;

type Answer = (signal: AbortSignal) => Promise<SourceServer[]>;

/** A door that answers as a test says, by account and Region; `own` for the caller's own account. */
function bench(answers: Record<string, Answer> = {}) {
  const plane = testPlane();
  const clock = virtualClock({ startsAt: NOW });
  const asked: string[] = [];
  const unknown: [ReplicationPlace, string][] = [];
  const aws = {
    for: ({ accountId = 'own', region }: { accountId?: string; region: string }) => ({
      drs: {
        describeSourceServers: (_: object, signal: AbortSignal) => {
          const place = `${accountId}/${region}`;
          asked.push(place);
          return answers[place]?.(signal) ?? Promise.resolve([initialized]);
        },
      },
    }),
  };
  const services = { ...plane.deps.services, awsFor: () => aws };
  const deps = { ...plane.deps, clock, services, realNow: () => clock.now() } as unknown as PlaneDeps;
  return {
    deps,
    clock,
    asked,
    unknown,
    answers,
    store: plane.store,
    account: (accountId: string, ...regions: string[]) =>
      targetAccountDocuments(plane.store).create(accountId, {
        accountId,
        name: accountId,
        roleArn: `arn:aws:iam::${accountId}:role/breakwater`,
        regions,
      }),
    tick: (isOver = () => false) =>
      measureReplication(deps, {
        own,
        isOver,
        onUnknown: (place, error) => unknown.push([place, (error as Error).message]),
      }),
  };
}

test('the largest lag and the stalled servers of each account and Region are measured, over real answers of DRS', async () => {
  const b = bench();
  const aws = testEstate(async (accountId) => ({
    roleArn: `arn:aws:iam::${accountId}:role/breakwater`,
    externalId: 'bw-1',
  }));
  const deps = { ...b.deps, services: { ...b.deps.services, awsFor: () => aws } };
  await b.account(OTHER, REGION, 'eu-west-1');
  const measured = await measureReplication(deps, { own, isOver: () => false, onUnknown: () => {} });
  expect(measured.toSorted((one, other) => one.accountId.localeCompare(other.accountId))).toEqual([
    { ...own, lagSeconds: 3600, stalled: 1, unknown: false },
    // DRS is not set up in the other Region of this one: nothing is there that could lag.
    { accountId: OTHER, region: REGION, lagSeconds: 0, stalled: 0, unknown: false },
  ]);
});

test.each([
  { what: 'no servers', servers: [], measure: { stalled: 0, unknown: false } },
  {
    what: 'the largest of several',
    servers: [
      serverIn('CONTINUOUS', 'PT5S'),
      serverIn('STALLED', 'PT2H'),
      serverIn('BACKLOG', 'PT1M30.123456S'),
    ],
    measure: { lagSeconds: 7200, stalled: 1, unknown: false },
  },
  {
    what: 'servers that are not replicated, or not yet',
    servers: [
      serverIn('STOPPED'),
      serverIn('DISCONNECTED', 'PT9H'),
      serverIn('INITIAL_SYNC'),
      serverIn('INITIATING'),
    ],
    measure: { stalled: 0, unknown: false },
  },
  {
    what: 'a lag that DRS does not say',
    servers: [serverIn('CONTINUOUS', 'PT5S'), serverIn('STALLED')],
    measure: { lagSeconds: 5, stalled: 1, unknown: true },
  },
  {
    what: 'a lag that is none',
    servers: [serverIn('RESCAN', 'soon')],
    measure: { stalled: 0, unknown: true },
  },
])('$what', async ({ servers, measure }) => {
  const b = bench({ [`own/${REGION}`]: async () => servers });
  expect(await b.tick()).toEqual([{ ...own, ...measure }]);
});

test('DRS is asked once in five minutes, and what it said is told in between', async () => {
  const b = bench();
  for (let tick = 0; tick < 10; tick++, await b.clock.sleep(MINUTE))
    expect(await b.tick()).toEqual([{ ...own, lagSeconds: 90, stalled: 0, unknown: false }]);
  expect(b.asked).toHaveLength(2);
});

test('two ticks at once ask once', async () => {
  const b = bench();
  await Promise.all([b.tick(), b.tick()]);
  await b.clock.sleep(5 * MINUTE);
  const [one, other] = await Promise.all([b.tick(), b.tick()]);
  expect(b.asked).toHaveLength(2);
  expect(one).toEqual(other);
});

test('a tick that dies in the middle of a sweep has used it up', async () => {
  const b = bench({ [`own/${REGION}`]: () => new Promise(() => {}) });
  void b.tick();
  while (b.asked.length === 0) await Promise.resolve();
  await b.clock.sleep(MINUTE - 31_000);
  expect(await b.tick()).toEqual([]);
  expect(b.asked).toHaveLength(1);
});

test('an account that fails is unknown, is not asked again at once, and stops no other', async () => {
  const b = bench({
    [`${OTHER}/eu-west-1`]: async () => {
      throw new BreakwaterError('AwsAccessDenied', 'no');
    },
  });
  await b.account(OTHER, 'eu-west-1', REGION);
  const ok = { lagSeconds: 90, stalled: 0, unknown: false };
  for (let tick = 0; tick < 2; tick++)
    expect(new Set(await b.tick())).toEqual(
      new Set([
        { ...own, ...ok },
        { accountId: OTHER, region: REGION, ...ok },
        { ...there, unknown: true },
      ]),
    );
  expect(b.asked).toHaveLength(3);
  expect(b.unknown).toEqual([[there, 'no']]);
});

test('an account that does not answer is unknown after half a minute', async () => {
  const b = bench({
    [`own/${REGION}`]: (signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  });
  expect(await b.tick()).toEqual([{ ...own, unknown: true }]);
  expect(b.clock.now() - NOW).toBe(30_000);
  expect(b.clock.pending()).toBe(0);
});

test('when its time is over a tick begins no sweep, and tells what it knows', async () => {
  const b = bench();
  await b.tick();
  await b.clock.sleep(5 * MINUTE);
  await b.account(OTHER, REGION);
  expect(await b.tick(() => true)).toEqual([{ ...own, lagSeconds: 90, stalled: 0, unknown: false }]);
  expect(b.asked).toHaveLength(1);
});

test('its own account is entered by a role where the records have one, and is there once', async () => {
  const b = bench();
  await b.account(OWN, REGION, 'eu-west-1');
  await b.tick();
  expect(b.asked.toSorted()).toEqual([`${OWN}/eu-central-1`, `${OWN}/eu-west-1`]);
});

test('what was seen of one server counts at once, and until the next sweep', async () => {
  const b = bench();
  const [stalled, mended] = ['STALLED', 'CONTINUOUS'].map((state) => ({
    ...serverIn(state),
    sourceServerID: SERVER_2,
  }));
  await noteReplication(b.deps, own, stalled!);
  expect(await b.tick()).toMatchObject([{ stalled: 0 }]);
  await noteReplication(b.deps, own, stalled!);
  await noteReplication(b.deps, own, stalled!);
  expect(await b.tick()).toMatchObject([{ stalled: 1 }]);
  await noteReplication(b.deps, own, mended!);
  expect(await b.tick()).toMatchObject([{ stalled: 0 }]);
  expect(b.asked).toHaveLength(1);
});
