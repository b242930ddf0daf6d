import { expect, test } from 'vitest';
import { capacityOf, nextBatch } from './capacity.ts';
import { alignWait, nextLookMs } from './poll-pace.ts';

const QUOTAS = { perJob: 100, jobs: 20, inAllJobs: 500 };

function ids(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, i) => `s-${from + i}`);
}

function job(servers: readonly string[], status: 'STARTED' | 'COMPLETED' = 'STARTED') {
  return {
    jobID: `job-${servers[0]}`,
    status,
    participatingServers: servers.map((sourceServerID) => ({ sourceServerID })),
  };
}

test('capacity is what active jobs leave, whoever started them', () => {
  const capacity = capacityOf([job(ids(100)), job(ids(30, 100)), job(ids(50, 200), 'COMPLETED')], QUOTAS);
  expect({ jobs: capacity.jobs, servers: capacity.servers, held: capacity.held.size }).toEqual({
    jobs: 18,
    servers: 370,
    held: 130,
  });
});

test.each([
  { name: 'a full job', pending: 700, busy: 0, running: false, expected: 100 },
  { name: 'what is left', pending: 7, busy: 400, running: true, expected: 7 },
  { name: 'part of a job, if it is worth one', pending: 200, busy: 440, running: true, expected: 60 },
  {
    name: 'nothing for a small rest, while more comes free',
    pending: 200,
    busy: 490,
    running: true,
    expected: 0,
  },
  {
    name: 'a small rest, if nothing else will come free',
    pending: 200,
    busy: 490,
    running: false,
    expected: 10,
  },
  { name: 'nothing when DRS is full', pending: 200, busy: 500, running: true, expected: 0 },
])('the next batch is $name', ({ pending, busy, running, expected }) => {
  const jobs = busy === 0 ? [] : [job(ids(busy, 1_000))];
  const batch = nextBatch({
    pending: ids(pending),
    capacity: capacityOf(jobs, QUOTAS),
    quotas: QUOTAS,
    batchSize: undefined,
    othersRunning: running,
  });
  expect(batch).toHaveLength(expected);
});

test('the next batch passes over servers that another job holds', () => {
  const capacity = capacityOf([job(['s-0'])], QUOTAS);
  expect(nextBatch({ pending: ids(3), capacity, quotas: QUOTAS, batchSize: 2, othersRunning: true })).toEqual(
    ['s-1', 's-2'],
  );
});

test.each([
  { name: 'not before it can have got far', elapsedMs: 0, decided: 'none', expected: 120_000 },
  { name: 'seldom on the way', elapsedMs: 300_000, decided: 'none', expected: 21_000 },
  { name: 'often near the expected end', elapsedMs: 500_000, decided: 'none', expected: 5_000 },
  { name: 'often when servers come up', elapsedMs: 300_000, decided: 'some', expected: 3_000 },
  { name: 'at once when all have', elapsedMs: 500_000, decided: 'all', expected: 2_000 },
  { name: 'seldom when it is late', elapsedMs: 1_000_000, decided: 'none', expected: 20_000 },
  { name: 'every five minutes at least', elapsedMs: 86_400_000, decided: 'none', expected: 300_000 },
] as const)('a job is looked at $name', ({ elapsedMs, decided, expected }) => {
  expect(nextLookMs({ elapsedMs, expectedMs: 536_000, decided })).toBe(expected);
});

test('waits end on multiples of five seconds, unless that would halve them', () => {
  expect([alignWait(1_000, 21_000), alignWait(1_000, 5_000), alignWait(4_000, 2_000)]).toEqual([
    19_000, 4_000, 1_000,
  ]);
});
