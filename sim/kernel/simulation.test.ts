import { GetParameterCommand, ParameterNotFound, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { expect, test } from 'vitest';
import { ACCOUNT, OTHER_ACCOUNT, rejection, testSimulation } from './testing.ts';

test('accounts and Regions do not see each other', async () => {
  const { put, config } = testSimulation();
  await put('name', 'mine');
  const get = (where: object) =>
    new SSMClient({ ...config(), ...where }).send(new GetParameterCommand({ Name: 'name' }));

  expect((await get({})).Parameter?.Value).toBe('mine');
  expect(await rejection(get({ region: 'eu-west-1' }))).toBeInstanceOf(ParameterNotFound);
  expect(await rejection(get(config(OTHER_ACCOUNT)))).toBeInstanceOf(ParameterNotFound);
});

test('a refused request leaves no change behind', async () => {
  const { put, get } = testSimulation();

  expect(await rejection(put('refused', 'x'))).toMatchObject({ name: 'ParameterLimitExceeded' });
  expect(await rejection(get('refused'))).toMatchObject({ name: 'ParameterNotFound' });
});

test('a mistake in a simulated service is thrown, not answered', async () => {
  const { put, core } = testSimulation();

  expect(await rejection(put('broken', 'x'))).toMatchObject({ message: 'a mistake in a service' });
  expect(core.stats.log.at(-1)).toMatchObject({
    operation: 'PutParameter',
    error: 'TypeError',
    tookEffect: false,
  });
});

test('a missing required member is refused in the form of the protocol', async () => {
  const { config } = testSimulation();
  const client = new SSMClient(config());

  const error = await rejection(client.send(new GetParameterCommand({ Name: undefined })));

  expect(error).toMatchObject({ name: 'ValidationException', $metadata: { httpStatusCode: 400 } });
  expect(error.message).toContain("Value null at 'Name'");
});

test('a wrong type is refused in the form of the protocol', async () => {
  const { config } = testSimulation();
  const client = new SSMClient(config());
  client.middlewareStack.add(
    (next) => (args) => next({ ...args, request: { ...(args.request as object), body: '{"Name":["a"]}' } }),
    { step: 'build', priority: 'low' },
  );

  const error = await rejection(client.send(new GetParameterCommand({ Name: 'a' })));

  expect(error).toMatchObject({ name: 'SerializationException', $metadata: { httpStatusCode: 400 } });
});

test('an operation that no service has is refused as AWS does', async () => {
  const { config } = testSimulation();
  const client = new SSMClient(config());
  client.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { headers: Record<string, string> };
      request.headers['x-amz-target'] = 'AmazonSSM.MakeCoffee';
      return next(args);
    },
    { step: 'build', priority: 'low' },
  );

  const error = await rejection(client.send(new GetParameterCommand({ Name: 'a' })));

  expect(error).toMatchObject({ name: 'UnknownOperationException' });
});

test('an account may be denied an operation', async () => {
  const { put, get } = testSimulation({
    accounts: [
      {
        accountId: ACCOUNT,
        denies: ['ssm:PutParameter'],
        regions: { 'us-west-2': { ssm: { parameters: { a: '1' } } } },
      },
    ],
  });

  expect(await rejection(put('a', '2'))).toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining('not authorized to perform: ssm:PutParameter') as string,
  });
  expect(await get('a')).toBe('1');
});

test('effects are counted by service, operation and account; reads and refusals are calls alone', async () => {
  const { core, put, get, config } = testSimulation();
  await put('a', '1');
  await put('b', '1');
  await rejection(put('refused', '1'));
  await get('a');
  await new SSMClient(config(OTHER_ACCOUNT)).send(new PutParameterCommand({ Name: 'a', Value: '1' }));

  expect(core.stats.effects()).toBe(3);
  expect(core.stats.effects({ service: 'ssm', operation: 'PutParameter', accountId: ACCOUNT })).toBe(2);
  expect(core.stats.effects({ operation: 'GetParameter' })).toBe(0);
  expect(core.stats.calls({ service: 'ssm', operation: 'PutParameter' })).toBe(4);
  expect(core.stats.log.map(({ operation, error }) => [operation, error])).toEqual([
    ['PutParameter', null],
    ['PutParameter', null],
    ['PutParameter', 'ParameterLimitExceeded'],
    ['GetParameter', null],
    ['PutParameter', null],
  ]);
});

test('a hook that throws before a request leaves the world as it was; one that throws after it does not', async () => {
  const { core, put } = testSimulation();
  const removeBefore = core.hook({
    before: () => {
      throw new Error('cut before');
    },
  });
  expect(await rejection(put('a', '1'))).toMatchObject({ message: 'cut before' });
  expect(core.stats.effects()).toBe(0);
  removeBefore();

  const removeAfter = core.hook({
    after: () => {
      throw new Error('cut after');
    },
  });
  expect(await rejection(put('a', '1'))).toMatchObject({ message: 'cut after' });
  expect(core.stats.effects()).toBe(1);
  removeAfter();
  expect(await put('a', '2')).toBe(2);
});

test('the log keeps the latest requests alone', async () => {
  const { core, get } = testSimulation({}, {});
  await Promise.all(Array.from({ length: 20 }, () => rejection(get('none'))));

  expect(core.stats.log).toHaveLength(20);
  expect(core.stats.log.at(-1)?.number).toBe(20);
});

test('a Region that does not exist has no endpoints; one that the scenario names has', async () => {
  const { config } = testSimulation({
    accounts: [{ accountId: ACCOUNT, regions: { 'mx-central-1': { ssm: { parameters: { a: '1' } } } } }],
  });
  const get = (region: string) =>
    new SSMClient({ ...config(), region }).send(new GetParameterCommand({ Name: 'a' }));

  expect(await rejection(get('us-moon-1'))).toMatchObject({ code: 'ENOTFOUND' });
  expect((await get('mx-central-1')).Parameter?.Value).toBe('1');
});
