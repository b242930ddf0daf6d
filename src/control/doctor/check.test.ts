import { expect, test } from 'vitest';
import { virtualClock } from '#clocks/virtual.ts';
import { BreakwaterError } from '#core/errors.ts';
import { ok, runChecks, type Check } from './check.ts';

const never = (): Promise<never> => new Promise(() => {});
const checkOf = (name: string, look: Check['look']): Check => ({ group: 'g', name, look });

async function run(checks: Check[], atOnce = 8) {
  const clock = virtualClock({ startsAt: 0 });
  const told: string[] = [];
  const onChange = (waiting: readonly string[], done: number): void =>
    void told.push(`${done}: ${waiting.join(', ')}`);
  const results = await runChecks(checks, { clock, timeoutMs: 20_000, atOnce, onChange });
  return { clock, told, results };
}

test('checks run side by side, and their results stand in the order of the checks', async () => {
  const clock = virtualClock({ startsAt: 0 });
  const after = (ms: number) => async () => {
    await clock.sleep(ms);
    return ok(`after ${ms}`);
  };
  const checks = [checkOf('slow', after(3_000)), checkOf('fast', after(1_000))];
  const results = await runChecks(checks, { clock, timeoutMs: 20_000, atOnce: 8 });
  expect(clock.now()).toBe(3_000);
  expect(results.map(({ name, found, durationMs }) => [name, found, durationMs])).toEqual([
    ['slow', 'after 3000', 3_000],
    ['fast', 'after 1000', 1_000],
  ]);
});

test('one that hangs fails after its time, is told to stop, and stops no other', async () => {
  const stopped: string[] = [];
  const hangs = checkOf('hangs', (signal) => {
    signal.addEventListener('abort', () => stopped.push('hangs'));
    return never();
  });
  const { results, clock } = await run([hangs, checkOf('works', async () => ok('well'))], 1);
  expect(results.map(({ name, status, found }) => [name, status, found])).toEqual([
    ['hangs', 'failed', 'no answer in 20 s'],
    ['works', 'ok', 'well'],
  ]);
  expect([stopped, clock.now()]).toEqual([['hangs'], 20_000]);
});

test.each([
  {
    what: 'an error of AWS with what to do',
    error: new BreakwaterError('AwsUnreachable', 'no answer from sts'),
    found: {
      status: 'failed',
      found: 'no answer from sts',
      remedy: 'Check network and endpoint; the region may be down.',
    },
  },
  {
    what: 'what a simulated AWS does not know, which is no failure',
    error: new BreakwaterError('AwsRejected', 'x', {
      details: { awsMessage: 'The service dynamodb is not simulated.' },
    }),
    found: { status: 'not_simulated', found: 'not simulated', remedy: '' },
  },
  {
    what: 'any other error',
    error: new TypeError('fetch failed'),
    found: { status: 'failed', found: 'fetch failed', remedy: 'Try again.' },
  },
])('what is thrown is what was found: $what', async ({ error, found }) => {
  const thrown = checkOf('a', () => {
    throw error;
  });
  const { results } = await run([thrown]);
  expect(results[0]).toMatchObject(found);
});

test('no more are begun than may be at once, and each change is told', async () => {
  const check = (name: string): Check => checkOf(name, async () => ok(''));
  const { told } = await run([check('a'), check('b')], 1);
  expect(told).toEqual(['0: g: a', '1: ', '1: g: b', '2: ']);
});
