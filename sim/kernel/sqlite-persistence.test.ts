import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sqlitePersistence } from './sqlite-persistence.ts';
import { rejection, testSimulation } from './testing.ts';

let directory: string;
let open: { close(): void }[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sim-'));
  open = [];
});

afterEach(() => {
  for (const each of open) each.close();
  rmSync(directory, { recursive: true });
});

/** Opens the file anew, as a process does that follows one that was killed; the old one is never closed properly. */
function start(additions: object = {}) {
  const persistence = sqlitePersistence(join(directory, 'world.sqlite'));
  open.push(persistence);
  const startsAt = persistence.load()?.now;
  return testSimulation(additions, { persistence, ...(startsAt === undefined ? {} : { startsAt }) });
}

test('a world that was killed goes on where it was: rows, time, sessions and counters', async () => {
  const first = start({
    faults: [{ fault: 'throttle', service: 'ssm', operation: 'PutParameter', times: 1 }],
  });
  await rejection(first.put('a', '1'));
  await first.put('a', '1');
  await first.clock.sleep(90_000);
  await first.put('a', '2');

  const second = start({
    faults: [{ fault: 'throttle', service: 'ssm', operation: 'PutParameter', times: 1 }],
  });

  expect(second.clock.now()).toBe(Date.parse('2026-03-01T10:01:30Z'));
  expect(await second.get('a')).toBe('2');
  expect(await second.put('a', '3')).toBe(3);
  expect(second.core.stats.effects({ operation: 'PutParameter' })).toBe(3);
});

test('what a lost response did is saved before it is lost', async () => {
  const rule = { fault: 'responseLost', service: 'ssm', operation: 'PutParameter', times: 1 };
  const first = start({ faults: [rule] });
  await rejection(first.put('a', '1'));

  const second = start({ faults: [rule] });

  expect(await second.get('a')).toBe('1');
  expect(await second.put('a', '2')).toBe(2);
});

test('rows come back in the order of their creation', async () => {
  const first = start();
  for (const name of ['c', 'a', 'b']) await first.put(name, '1');
  await first.put('c', '2');

  const second = start();

  const table = second.core.world.table<{ value: string }>(
    { accountId: '111111111111', region: 'us-west-2' },
    'ssm.parameters',
  );
  expect(table.all().map(({ value }) => value)).toEqual(['2', '1', '1']);
});

test('a scenario is seeded once: changes to its file do not reach a world that was kept', async () => {
  const section = (value: string) => ({
    accounts: [
      { accountId: '111111111111', regions: { 'us-west-2': { ssm: { parameters: { a: value } } } } },
    ],
  });
  start(section('first'));

  expect(await start(section('second')).get('a')).toBe('first');
});
