import { beforeAll, describe, expect, test } from 'vitest';
import { BreakwaterError } from '#core/errors.ts';
import type { TaskHandler } from '#engine/port.ts';
import { hasDynamoDbLocal, startDynamoDbLocal } from '#store/dynamodb/testing/dynamodb-local.ts';
import { HAS_PYTHON } from '../support/python.ts';
import { startIndependent, type Independent } from './support/independent.ts';
import { longScript } from './support/long-plays.ts';
import { performOnBoth } from './support/perform-on-both.ts';
import type { Play } from './support/perform.ts';
import { PLAYS } from './support/plays.ts';

describe.runIf(HAS_PYTHON)('our machines, on the embedded engine and on the independent interpreter', () => {
  let where: Independent;
  beforeAll(async () => {
    where = await startIndependent();
    return () => where.close();
  }, 120_000);

  test('hand a technology over to a fresh execution after 500 polls.', { timeout: 180_000 }, async () => {
    const { end, ends, tookMs } = await performOnBoth(longScript(4.5 * 3_600), where);
    expect(end).toEqual({ status: 'completed', outcome: 'clean' });
    expect(tookMs).toBeGreaterThan(4.5 * 3_600_000);
    expect(Object.keys(ends).map((name) => name.replace(/^exec-\w+/, ''))).toEqual([
      '',
      '-w1-t0-a1',
      '-w1-t0-a1-c1',
    ]);
  });

  test(
    'try a handler that was throttled again, after 2 and after 4 seconds.',
    { timeout: 120_000 },
    async () => {
      const play = { ...longScript(40), disturb: throttledTwice('technology-poll') };
      const { end, events } = await performOnBoth(play, where);
      expect(end).toEqual({ status: 'completed', outcome: 'clean' });
      expect(Object.values(events)[1]).toMatchObject({ TaskFailed: 2 });
    },
  );

  test.skipIf(!hasDynamoDbLocal())(
    'leave the same records in DynamoDB Local as in memory.',
    { timeout: 120_000 },
    async () => {
      const local = await startDynamoDbLocal();
      const play = await PLAYS["the specification's plan, through its pause"]();
      const { end } = await performOnBoth(play, where, (clock) => local.open({ aws: { clock } }));
      expect(end).toEqual({ status: 'completed', outcome: 'clean' });
      await local.stop();
    },
  );
});

function throttledTwice(name: string): NonNullable<Play['disturb']> {
  return (functions) => {
    let calls = 0;
    const handler: TaskHandler = (input) => {
      if (++calls <= 2) throw new BreakwaterError('AwsThrottled', 'Rate exceeded');
      return functions[name]!(input);
    };
    return { ...functions, [name]: handler };
  };
}
