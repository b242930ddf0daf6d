import { beforeAll, describe, expect, test } from 'vitest';
import { HAS_PYTHON } from '../support/python.ts';
import { startIndependent, type Independent } from './support/independent.ts';
import { performOnBoth } from './support/perform-on-both.ts';
import { PLAYS, type PlayName } from './support/plays.ts';

const ENDS: readonly { readonly name: PlayName; readonly end: object }[] = [
  { name: "the specification's plan, through its pause", end: { status: 'completed', outcome: 'clean' } },
  {
    name: 'a failure that is retried, fails again and is skipped',
    end: { status: 'completed', outcome: 'with_exceptions' },
  },
  { name: 'a failure that ends the execution', end: { status: 'failed' } },
  { name: 'a pause that someone asked for', end: { status: 'completed', outcome: 'clean' } },
  { name: 'approvals of the plan and of a wave', end: { status: 'completed', outcome: 'clean' } },
  { name: 'a cancellation in the middle of a wave', end: { status: 'cancelled' } },
];

describe.runIf(HAS_PYTHON)('our machines, on the embedded engine and on the independent interpreter', () => {
  let where: Independent;
  beforeAll(async () => {
    where = await startIndependent();
    return () => where.close();
  }, 120_000);

  test.each(ENDS)('take $name the same way.', { timeout: 120_000 }, async ({ name, end }) => {
    expect(await performOnBoth(await PLAYS[name](), where)).toMatchObject({ end });
  });

  test('take a cancellation between two polls the same way.', { timeout: 120_000 }, async () => {
    const play = await PLAYS['a cancellation in the middle of a wave']();
    const { end } = await performOnBoth(
      {
        ...play,
        people: async ({ executionId, code, data }, { control, later }) => {
          if (code === 'WaveStarted' && data['waveNumber'] === 2)
            later(60_000, () => control.cancel({ executionId, by: 'ana', reason: 'false alarm' }));
        },
      },
      where,
    );
    expect(end).toMatchObject({ status: 'cancelled' });
  });

  test('run waves side by side.', { timeout: 120_000 }, async () => {
    const { end, rows } = await performOnBoth(await PLAYS['two waves side by side'](), where);
    expect(end).toEqual({ status: 'completed', outcome: 'clean' });
    const begun = (rows as [string, { code?: string }][]).filter(([, { code }]) => code === 'WaveStarted');
    expect(begun.map(([at]) => at).slice(0, 2)).toEqual([
      '2026-01-07T10:00:00.000Z',
      '2026-01-07T10:00:00.000Z',
    ]);
  });
});
