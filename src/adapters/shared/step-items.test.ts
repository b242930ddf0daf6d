import { expect, test } from 'vitest';
import { BreakwaterError } from '#core/errors.ts';
import type { OperationContext } from '../contract.ts';
import { openItems, stepItems, type ItemProgress, type ItemsState } from './step-items.ts';

const context = (only: readonly string[] | null = null) =>
  ({ now: () => Date.parse('2026-03-01T10:00:00Z'), only }) as OperationContext;
const waiting: ItemProgress = { status: 'in_progress', waitMs: 5_000, detail: 'at work' };
const done: ItemProgress = { status: 'completed', detail: 'well', result: { n: 1 } };
const passing = new BreakwaterError('AwsThrottled', 'too fast');

/** Steps items of which each does as it is told. */
function run(steps: Record<string, ItemProgress | Error>, state?: ItemsState) {
  return stepItems(context(), state ?? openItems(context(), Object.keys(steps)), {
    step: async (id) => {
      const step = steps[id]!;
      if (step instanceof Error) throw step;
      return step;
    },
    results: (items) => ({ ended: items.map(({ id, result }) => ({ id, ...result })) }),
  });
}

test('items that all ended well complete the operation, with their results', async () => {
  expect(await run({ a: done })).toEqual({
    status: 'completed',
    outcomes: [
      {
        resourceId: 'a',
        status: 'completed',
        startedAt: '2026-03-01T10:00:00.000Z',
        completedAt: '2026-03-01T10:00:00.000Z',
        detail: 'well',
        result: { n: 1 },
      },
    ],
    results: { ended: [{ id: 'a', n: 1 }] },
  });
});

test('one item that failed fails the operation when all have ended', async () => {
  const failing: ItemProgress = { status: 'failed', error: { code: 'X', message: 'broken' } };
  expect(await run({ a: failing, b: waiting })).toMatchObject({ status: 'in_progress', waitMs: 5_000 });
  expect(await run({ a: failing, b: done })).toMatchObject({
    status: 'failed',
    error: { code: 'RecoveryFailed', message: 'a: broken' },
  });
});

test('trouble with one item that may pass does not hold up the others', async () => {
  const progress = await run({ a: passing, b: waiting });
  expect(progress).toMatchObject({ status: 'in_progress', outcomes: [{ resourceId: 'b' }] });
});

test('trouble is thrown when nothing has moved for it', async () => {
  await expect(run({ a: passing })).rejects.toBe(passing);
});

test('an error that will not pass is the outcome of its item', async () => {
  const final = new BreakwaterError('AwsAccessDenied', 'no right', {
    details: { service: 'rds', awsError: 'AccessDenied' },
  });
  expect(await run({ a: final, b: done })).toMatchObject({
    status: 'failed',
    outcomes: [
      { resourceId: 'a', error: { code: 'rds:AccessDenied', message: 'no right' } },
      { resourceId: 'b' },
    ],
  });
});

test('a mistake of ours is nobody else’s outcome', async () => {
  await expect(run({ a: new TypeError('oops'), b: done })).rejects.toThrow('oops');
});

test('an item that says the same again is not reported again, and one that has ended is left alone', async () => {
  const first = await run({ a: waiting, b: done });
  if (first.status !== 'in_progress') throw new Error('expected it to be under way');
  const second = await run({ a: waiting, b: new TypeError('not to be asked') }, first.state);
  expect(second).toMatchObject({ status: 'in_progress', outcomes: [], detail: '1 of 2 done; a: at work' });
});

test('on a retry only what failed before is worked on', () => {
  expect(openItems(context(['b']), ['a', 'b', 'b']).items.map(({ id }) => id)).toEqual(['b']);
});

test('nothing to work on is a failure', async () => {
  expect(await run({})).toMatchObject({ status: 'failed', error: { code: 'ResourceUnresolved' } });
});
