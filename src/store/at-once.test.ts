import { expect, test } from 'vitest';
import { eachAtOnce } from './at-once.ts';

const items = Array.from({ length: 10 }, (_, i) => i);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('each is done once, in their order, and never more at once than were asked for', async () => {
  const done: number[] = [];
  let [underWay, most] = [0, 0];
  const begun = await eachAtOnce(items, { most: 3 }, async (item) => {
    most = Math.max(most, ++underWay);
    done.push(item);
    await turn();
    underWay--;
  });
  expect([begun, most, done]).toEqual([10, 3, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]);
});

test('when its time is over none is begun, and those under way end', async () => {
  const ended: number[] = [];
  const begun = await eachAtOnce(items, { most: 2, isOver: () => ended.length >= 2 }, async (item) => {
    await turn();
    ended.push(item);
  });
  expect(begun).toBe(3);
  expect(ended).toEqual([0, 1, 2]);
});

test('once one has failed none is begun, and its error is thrown', async () => {
  const begun: number[] = [];
  const working = eachAtOnce(items, { most: 2 }, async (item) => {
    begun.push(item);
    await turn();
    if (item === 1) throw new RangeError('no');
  });
  await expect(working).rejects.toThrow('no');
  await turn();
  expect(begun).toEqual([0, 1, 2]);
});
