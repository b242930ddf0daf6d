import { beforeAll, describe, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { readPlanFile } from '#control/plan-file.ts';
import type { VirtualClock } from '#clocks/virtual.ts';
import { BreakwaterError } from '#core/errors.ts';
import { Plan } from '#core/plan.ts';
import type { TaskHandler } from '#engine/port.ts';
import { hasDynamoDbLocal, startDynamoDbLocal } from '#store/dynamodb/testing/dynamodb-local.ts';
import { EXAMPLE } from '../support/estates.ts';
import { HAS_INTERPRETER, startInterpreter, type Interpreter } from './support/interpreter.ts';
import { startLambdaServer, type LambdaServer } from './support/lambda-server.ts';
import { longScript } from './support/long-plays.ts';
import { performOnBoth } from './support/perform-on-both.ts';
import type { Play } from './support/perform.ts';

let where: { lambda: LambdaServer; interpreter: Interpreter };

describe.runIf(HAS_INTERPRETER)(
  'our machines, on the embedded engine and on the independent interpreter',
  () => {
    beforeAll(async () => {
      const lambda = await startLambdaServer();
      where = { lambda, interpreter: await startInterpreter({ lambdaUrl: lambda.url }) };
      return async () => {
        await where.interpreter.close();
        await lambda.close();
      };
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

    test('run waves side by side.', { timeout: 120_000 }, async () => {
      const { plan } = await readPlanFile(EXAMPLE.plan);
      const [first, second, third] = plan.waves;
      const waves = [first, { ...second, dependencies: [] }, { ...third, dependencies: [1, 2] }];
      const { end, rows } = await performOnBoth(
        { ...example(), plan: Plan.parse({ ...plan, waves }) },
        where,
      );
      expect(end).toEqual({ status: 'completed', outcome: 'clean' });
      const begun = (rows as [string, { code?: string }][]).filter(([, { code }]) => code === 'WaveStarted');
      expect(begun.map(([at]) => at).slice(0, 2)).toEqual([
        '2026-01-07T10:00:00.000Z',
        '2026-01-07T10:00:00.000Z',
      ]);
    });

    test.skipIf(!hasDynamoDbLocal())(
      'leave the same records in DynamoDB Local as in memory.',
      { timeout: 120_000 },
      async () => {
        const local = await startDynamoDbLocal();
        const { plan } = await readPlanFile(EXAMPLE.plan);
        const openStore = (clock: VirtualClock) => local.open({ aws: { clock } });
        const { end } = await performOnBoth({ ...example(), plan }, { ...where, openStore });
        expect(end).toEqual({ status: 'completed', outcome: 'clean' });
        await local.stop();
      },
    );
  },
);

/** The example, whose pauses are resumed. */
function example(): Omit<Play, 'plan'> {
  return {
    mode: 'recovery',
    estate: readFileSync(EXAMPLE.estate, 'utf8'),
    people: async ({ executionId, code, data }, { control }) => {
      if (code !== 'GateOpened') return;
      await control.decide({ executionId, gateId: String(data['gateId']), action: 'resume', by: 'ana' });
    },
  };
}

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
