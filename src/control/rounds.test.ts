import { expect, test } from 'vitest';
import { memoryStore } from '#store/memory-store.ts';
import { goRound } from './rounds.ts';

function bench() {
  const store = memoryStore();
  const ids = ['a', 'b', 'c', 'd', 'e'];
  let looked: string[] = [];
  /** A round that has time for so many looks; answers which. */
  const round = async (time: number, { failing = '', name = 'test' } = {}): Promise<string> => {
    looked = [];
    await goRound(store, {
      name,
      ids,
      most: 1,
      isOver: () => looked.length >= time,
      look: async (id) => {
        looked.push(id);
        if (id === failing) throw new RangeError(`no ${id}`);
      },
    });
    return looked.join('');
  };
  return { store, ids, round, looked: () => looked.join('') };
}

test('a round that has time looks at each once', async () => {
  const b = bench();
  expect([await b.round(9), await b.round(9)]).toEqual(['abcde', 'abcde']);
});

test('a round whose time is over is gone on with, and none is passed over, though some come and go', async () => {
  const b = bench();
  expect([await b.round(2), await b.round(2), await b.round(2)]).toEqual(['ab', 'cd', 'ea']);
  b.ids.splice(0, 2, 'aa');
  expect(await b.round(3)).toBe('aacd');
  b.ids.push('z');
  expect(await b.round(9)).toBe('ezaacd');
});

test('a round that has no time at all leaves it to the next one where it is to go on', async () => {
  const b = bench();
  await b.round(2);
  expect([await b.round(0), await b.round(1)]).toEqual(['', 'c']);
});

test('one that fails keeps no other from being looked at, and is told at the end', async () => {
  const b = bench();
  await expect(b.round(9, { failing: 'b' })).rejects.toThrow('no b');
  expect(b.looked()).toBe('abcde');
  await expect(b.round(2, { failing: 'b' })).rejects.toThrow('no b');
  expect(await b.round(2)).toBe('cd');
});

test('rounds of another kind go on where they have stopped themselves', async () => {
  const b = bench();
  await b.round(2);
  expect(await b.round(2, { name: 'other' })).toBe('ab');
});
