import { describe, expect, test } from 'vitest';
import { rejection, testSimulation } from './testing.ts';

const fault = (rule: object) => testSimulation({ faults: [rule] });

test('throttle answers the throttling error of the service as often as the rule says', async () => {
  const { put, core } = fault({ fault: 'throttle', service: 'ssm', operation: 'PutParameter', times: 2 });

  expect(await rejection(put('a', '1'))).toMatchObject({
    name: 'ThrottlingException',
    message: 'Rate exceeded',
  });
  expect(await rejection(put('a', '1'))).toMatchObject({ name: 'ThrottlingException' });
  expect(await put('a', '1')).toBe(1);
  expect(core.stats.effects()).toBe(1);
  expect(core.stats.log.map((call) => call.fault)).toEqual(['throttle', 'throttle', null]);
});

test('quota answers the quota error of the service', async () => {
  const { put } = fault({ fault: 'quota', service: 'ssm', times: 1 });

  expect(await rejection(put('a', '1'))).toMatchObject({ name: 'DocumentLimitExceeded' });
});

test('error answers any error with its status', async () => {
  const { put } = fault({
    fault: 'error',
    service: 'ssm',
    code: 'InternalServerError',
    message: 'oh',
    httpStatus: 500,
    times: 1,
  });

  expect(await rejection(put('a', '1'))).toMatchObject({
    name: 'InternalServerError',
    message: 'oh',
    $metadata: { httpStatusCode: 500 },
  });
});

test('responseLost lets the request take effect and then breaks the connection', async () => {
  const { put, get, core } = fault({
    fault: 'responseLost',
    service: 'ssm',
    operation: 'PutParameter',
    times: 1,
  });

  expect(await rejection(put('a', '1'))).toMatchObject({ code: 'ECONNRESET' });
  expect(await get('a')).toBe('1');
  expect(core.stats.effects()).toBe(1);
  expect(core.stats.log[0]).toMatchObject({ fault: 'responseLost', error: null, tookEffect: true });
});

test('regionDown refuses connections to one Region for its time', async () => {
  const { put, clock } = fault({ fault: 'regionDown', region: 'us-west-2', after: 'PT1M', for: 'PT5M' });

  expect(await put('a', '1')).toBe(1);
  await clock.sleep(60_000);
  expect(await rejection(put('a', '2'))).toMatchObject({ code: 'ECONNREFUSED' });
  await clock.sleep(300_000);
  expect(await put('a', '2')).toBe(2);
});

test('staleReads answers reads as the world was, and writes as it is', async () => {
  const { put, get, clock } = fault({ fault: 'staleReads', service: 'ssm', by: 'PT10S' });
  await put('a', 'old');
  await clock.sleep(60_000);
  expect(await get('a')).toBe('old');
  expect(await put('a', 'new')).toBe(2);
  expect(await put('b', 'new')).toBe(1);

  await clock.sleep(9_000);
  expect(await get('a')).toBe('old');
  expect(await rejection(get('b'))).toMatchObject({ name: 'ParameterNotFound' });

  await clock.sleep(1_000);
  expect(await get('a')).toBe('new');
  expect(await get('b')).toBe('new');
});

test('probability leaves it to the seed: the same seed gives the same history', async () => {
  const history = async (seed: number): Promise<string> => {
    const { put } = testSimulation({
      seed,
      faults: [{ fault: 'throttle', service: 'ssm', probability: 0.5 }],
    });
    let outcomes = '';
    for (let index = 0; index < 16; index++) {
      outcomes += await put('a', '1').then(
        () => '.',
        () => 'x',
      );
    }
    return outcomes;
  };

  const first = await history(3);

  expect(await history(3)).toBe(first);
  expect(await history(4)).not.toBe(first);
  expect(first).toContain('.');
  expect(first).toContain('x');
});

describe('a rule concerns only what it names', () => {
  test.each([
    { what: 'another service', rule: { service: 'sts' } },
    { what: 'another operation', rule: { operation: 'GetParameter' } },
    { what: 'another account', rule: { accountId: '222222222222' } },
    { what: 'another Region', rule: { region: 'eu-west-1' } },
    { what: 'a later time', rule: { after: 'PT1S' } },
  ])('$what', async ({ rule }) => {
    const { put } = fault({ fault: 'throttle', ...rule });

    expect(await put('a', '1')).toBe(1);
  });
});

test('rate limits of a scenario refill in simulated time', async () => {
  const { put, get, clock } = testSimulation({ rateLimits: { ssm: { writes: { perSecond: 1, burst: 2 } } } });
  await put('a', '1');
  await put('a', '2');
  expect(await rejection(put('a', '3'))).toMatchObject({ name: 'ThrottlingException' });
  expect(await get('a')).toBe('2');

  await clock.sleep(1_000);
  expect(await put('a', '3')).toBe(3);
});
