import { expect, test } from 'vitest';
import type { Services } from '#workflow/services.ts';
import { functionOf, once } from './function.ts';
import { takeBatch } from './take-batch.ts';

const arn = (alias: string) => `arn:aws:lambda:us-west-2:111122223333:function:breakwater-x:${alias}`;
const services = {} as Services;

test('a function performs the handler that its alias names', async () => {
  const call = functionOf(
    { one: async () => 1, two: async (_services, input) => [2, input] },
    () => services,
  );
  expect(await call({ a: 1 }, { invokedFunctionArn: arn('two') })).toEqual([2, { a: 1 }]);
});

test.each([{ alias: 'on' }, { alias: 'toString' }, { alias: '$LATEST' }])(
  'an alias that names no handler is refused with the list: $alias',
  async ({ alias }) => {
    const call = functionOf({ one: async () => 1 }, () => services);
    await expect(call({}, { invokedFunctionArn: arn(alias) })).rejects.toMatchObject({
      name: 'HandlerUnknown',
      message: `the function was invoked as ${arn(alias)}; its aliases are one`,
    });
  },
);

test('an invocation without an alias is refused', async () => {
  const call = functionOf({ one: async () => 1 }, () => services);
  const invokedFunctionArn = 'arn:aws:lambda:us-west-2:111122223333:function:breakwater-x';
  await expect(call({}, { invokedFunctionArn })).rejects.toMatchObject({ name: 'HandlerUnknown' });
});

test('what could not be made is made at the next call, and then kept', async () => {
  let tries = 0;
  const get = once(() => {
    if (++tries === 1) throw new TypeError('not yet');
    return { tries };
  });
  await expect(get()).rejects.toThrow('not yet');
  expect([await get(), await get(), tries]).toEqual([{ tries: 2 }, { tries: 2 }, 2]);
});

test('a cold start that fails is tried again at the next call, and calls that come meanwhile wait for one', async () => {
  let starts = 0;
  const store = { isThere: false };
  const call = functionOf(
    { one: async (started: number) => started },
    once(async () => {
      starts++;
      await Promise.resolve();
      if (!store.isThere) throw new TypeError('no table');
      return starts;
    }),
  );
  const context = { invokedFunctionArn: arn('one') };
  const both = await Promise.allSettled([call({}, context), call({}, context)]);
  expect([both.map(({ status }) => status), starts]).toEqual([['rejected', 'rejected'], 1]);
  store.isThere = true;
  expect(await Promise.all([call({}, context), call({}, context)])).toEqual([2, 2]);
  expect(await call({}, context)).toBe(2);
});

test('messages that fail are named, and the others are taken', async () => {
  const taken: unknown[] = [];
  const take = takeBatch(async (message) => {
    if (message === 'bad') throw new TypeError('no');
    taken.push(message);
  });
  const Records = [
    { messageId: 'm1', body: '"good"' },
    { messageId: 'm2', body: '"bad"' },
    { messageId: 'm3', body: 'no JSON' },
    { messageId: 'm4', body: '{"a":1}' },
  ];
  expect(await take({ Records })).toEqual({
    batchItemFailures: [{ itemIdentifier: 'm2' }, { itemIdentifier: 'm3' }],
  });
  expect(taken).toEqual(['good', { a: 1 }]);
});
