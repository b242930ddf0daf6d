import { expect, test } from 'vitest';
import { virtualClock } from '#clocks/virtual.ts';
import { BreakwaterError } from '#core/errors.ts';
import { memoryStore } from './memory-store.ts';
import type { Store } from './port.ts';
import { storedTurns } from './turns.ts';

/** Processes on the same records, in virtual time. */
function world(change: (store: Store) => Store = (store) => store) {
  const clock = virtualClock({ startsAt: 1_000_000 });
  const store = change(memoryStore());
  let ids = 0;
  const process = () => storedTurns({ store, clock, newId: () => `process-${++ids}` });
  return { clock, store, process };
}
const ROW = { table: 'platform-records', key: { partition: 'turns', sort: 'a' } } as const;

test('of many processes one at a time has the turn of a name, and other names do not wait', async () => {
  const { clock, process } = world();
  const log: string[] = [];
  const work = (name: string) => async () => {
    log.push(`${name} begins`);
    await clock.sleep(1_000);
    log.push(`${name} ends`);
    return name;
  };
  const asked = ['one', 'two', 'three'].map((name) => process().run('a', work(name)));
  const other = process().run('b', async () => log.push('other'));
  expect((await Promise.all(asked)).toSorted()).toEqual(['one', 'three', 'two']);
  await other;
  const turns = log.filter((line) => line !== 'other');
  for (const [index, line] of turns.entries())
    if (line.endsWith('begins')) expect(turns[index + 1]).toBe(line.replace('begins', 'ends'));
  expect([turns.length, log.indexOf('other') < 3]).toEqual([6, true]);
});

test('a turn is given back, also when the work fails', async () => {
  const { store, process } = world();
  const failing = process().run('a', async () => Promise.reject(new TypeError('no')));
  await expect(failing).rejects.toThrow('no');
  expect(await store.get(ROW)).toBeNull();
});

test('the turn of a process that died is taken by another once it has run out', async () => {
  const { clock, store, process } = world();
  const value = { holder: 'dead', until: clock.now() + 10_000 };
  await store.write([{ kind: 'put', ...ROW, value, expect: 'absent' }]);
  expect(await process().run('a', async () => clock.now())).toBe(1_010_000);
});

test('whoever waits in vain is told when to come again, and does nothing', async () => {
  const { clock, store, process } = world();
  const value = { holder: 'dead', until: clock.now() + 60_000 };
  await store.write([{ kind: 'put', ...ROW, value, expect: 'absent' }]);
  const asked = process().run('a', async () => expect.fail('must not run'));
  await expect(asked).rejects.toMatchObject({
    code: 'TooManyRequests',
    details: { retryAfterSeconds: 45 },
  });
});

test('a turn that was taken though the answer was lost is one’s own', async () => {
  let isLost = false;
  const { process } = world((store) => ({
    ...store,
    write: async (writes) => {
      const answer = await store.write(writes);
      if (isLost) return answer;
      isLost = true;
      // As the door to AWS says it, when it has repeated a conditional write.
      throw new BreakwaterError('RevisionConflict', 'there is one already');
    },
  }));
  expect(await process().run('a', async () => 'done')).toBe('done');
});

test('a turn that cannot be given back does not make the work fail', async () => {
  const { store, process } = world((kept) => ({
    ...kept,
    write: async (writes) => {
      if (writes[0]!.kind === 'remove') throw new BreakwaterError('AwsThrottled', 'later');
      return kept.write(writes);
    },
  }));
  expect(await process().run('a', async () => 'done')).toBe('done');
  expect(await store.get(ROW)).toMatchObject({ value: { holder: 'process-1', until: 1_090_000 } });
});

test('a turn that has run out and been taken over is not given back by whoever had it first', async () => {
  const { store, process } = world();
  await process().run('a', async () => {
    const row = await store.get(ROW);
    const value = { holder: 'other', until: 2_000_000 };
    await store.write([{ kind: 'put', ...ROW, value, expect: row!.revision }]);
  });
  expect(await store.get(ROW)).toMatchObject({ value: { holder: 'other' } });
});

test('a turn does not run out while its work goes on, however long that is, and one renewal fails', async () => {
  let puts = 0;
  const { clock, store, process } = world((kept) => ({
    ...kept,
    write: async (writes) => {
      // The first one takes the turn.
      if (writes[0]!.kind === 'put' && ++puts === 2) throw new BreakwaterError('AwsThrottled', 'later');
      return kept.write(writes);
    },
  }));
  const log: string[] = [];
  const long = process().run('a', async () => {
    await clock.sleep(280_000);
    log.push('long ends');
  });
  await clock.sleep(270_000);
  const next = process().run('a', async () => log.push('next begins'));
  await Promise.all([long, next]);
  expect(log).toEqual(['long ends', 'next begins']);
  expect(await store.get(ROW)).toBeNull();
});

test('a turn that another has taken over is not renewed by whoever had it first', async () => {
  const { clock, store, process } = world();
  await process().run('a', async () => {
    const row = await store.get(ROW);
    const value = { holder: 'other', until: 2_000_000 };
    await store.write([{ kind: 'put', ...ROW, value, expect: row!.revision }]);
    await clock.sleep(40_000);
  });
  expect(await store.get(ROW)).toMatchObject({ value: { holder: 'other', until: 2_000_000 } });
});
