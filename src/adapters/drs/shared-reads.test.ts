import { expect, test } from 'vitest';
import { shareRead } from './shared-reads.ts';

function counted(answers: readonly (() => Promise<number>)[]): {
  read: () => Promise<number>;
  reads: () => number;
} {
  let reads = 0;
  return { read: () => answers[reads++]!(), reads: () => reads };
}

test('what is read again within five seconds is read once, and after that anew', async () => {
  const door = {};
  const { read, reads } = counted([async () => 1, async () => 2]);
  const at = (ms: number): Promise<number> => shareRead({ now: () => ms }, { door, name: 'servers', read });
  expect(await Promise.all([at(0), at(0), at(4_999)])).toEqual([1, 1, 1]);
  expect(reads()).toBe(1);
  expect(await at(5_000)).toBe(2);
});

test('another door, or another thing, has an answer of its own', async () => {
  const [one, two] = [{}, {}];
  const { read } = counted([async () => 1, async () => 2, async () => 3]);
  const from = (door: object, name: string): Promise<number> =>
    shareRead({ now: () => 0 }, { door, name, read });
  expect(await from(one, 'servers')).toBe(1);
  expect(await from(two, 'servers')).toBe(2);
  expect(await from(one, 'jobs')).toBe(3);
});

test('a failed read fails those that share it, and the next one reads anew', async () => {
  const door = {};
  const { read } = counted([() => Promise.reject(new TypeError('no answer')), async () => 2]);
  const now = (): Promise<number> => shareRead({ now: () => 0 }, { door, name: 'servers', read });
  const both = await Promise.allSettled([now(), now()]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await now()).toBe(2);
});
