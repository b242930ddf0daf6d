import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { parsePlanText, readPlanFile } from '#control/plan-file.ts';
import type { Principal } from '#core/permissions.ts';
import { Plan } from '#core/plan.ts';
import { temporaryFolder } from '../support/breakwater.ts';
import { estateWithServer, EXAMPLE, serversPlan } from '../support/estates.ts';
import { HAS_INTERPRETER, startInterpreter, type Interpreter } from './support/interpreter.ts';
import { startLambdaServer, type LambdaServer } from './support/lambda-server.ts';
import { performOnBoth as compare } from './support/perform-on-both.ts';
import type { Performed, Play } from './support/perform.ts';

let lambda: LambdaServer;
let interpreter: Interpreter;
const performOnBoth = (play: Play): Promise<Performed> => compare(play, { interpreter, lambda });

describe.runIf(HAS_INTERPRETER)(
  'our machines, on the embedded engine and on the independent interpreter',
  () => {
    beforeAll(async () => {
      lambda = await startLambdaServer();
      interpreter = await startInterpreter({ lambdaUrl: lambda.url });
      return async () => {
        await interpreter.close();
        await lambda.close();
      };
    }, 120_000);

    test("take the specification's plan the same way, through its pause.", { timeout: 120_000 }, async () => {
      const { end } = await performOnBoth({
        plan: await examplePlan(),
        mode: 'recovery',
        estate: example(),
        people: async ({ executionId, code, data }, { control }) => {
          if (code !== 'GateOpened') return;
          await control.decide({ executionId, gateId: String(data['gateId']), action: 'resume', by: 'ana' });
        },
      });
      expect(end).toEqual({ status: 'completed', outcome: 'clean' });
    });

    test(
      'take a failure the same way, when it is retried, fails again and is skipped.',
      { timeout: 120_000 },
      async () => {
        const actions = ['retry', 'skip'] as const;
        let decisions = 0;
        const { end } = await performOnBoth({
          ...servers({ waves: 2 }),
          estate: failing(),
          people: async ({ executionId, code, data }, { control }) => {
            if (code === 'ExecutionStarted') decisions = 0;
            if (code !== 'GateOpened') return;
            const gateId = String(data['gateId']);
            const action = actions[decisions++ % 2]!;
            await control.decide({ executionId, gateId, action, by: 'ana', reason: 'app-01 can wait' });
          },
        });
        expect(end).toEqual({ status: 'completed', outcome: 'with_exceptions' });
      },
    );

    test('take a failure that ends the execution the same way.', { timeout: 120_000 }, async () => {
      const { end } = await performOnBoth({
        ...servers({ waves: 2, technology: 'onFailure: stop' }),
        estate: failing(),
        people: async () => {},
      });
      expect(end).toMatchObject({ status: 'failed' });
    });

    test('take a pause that someone asked for the same way.', { timeout: 120_000 }, async () => {
      const { end } = await performOnBoth({
        ...servers({ waves: 2 }),
        estate: example(),
        people: async ({ executionId, code, data }, { control, later }) => {
          if (code === 'WaveStarted' && data['waveNumber'] === 1)
            later(60_000, () => control.pause({ executionId, by: 'ana' }));
          if (code === 'ExecutionPaused') await control.resume({ executionId, by: 'ana' });
        },
      });
      expect(end).toEqual({ status: 'completed', outcome: 'clean' });
    });

    test('take the approvals of a plan and of a wave the same way.', { timeout: 120_000 }, async () => {
      const plan = await examplePlan();
      const [first, second, third] = plan.waves;
      const waves = [first, second, { ...third, approval: { required: 1 } }];
      const { end } = await performOnBoth({
        plan: Plan.parse({ ...plan, waves, approval: { required: 2 } }),
        mode: 'recovery',
        estate: example(),
        people: async ({ executionId, code, data }, { control }) => {
          if (code !== 'GateOpened') return;
          const gate = { executionId, gateId: String(data['gateId']) };
          if (data['kind'] === 'pause') await control.decide({ ...gate, action: 'resume', by: 'ana' });
          for (const id of data['waveNumber'] === 0
            ? ['ben', 'carl']
            : data['kind'] === 'approval'
              ? ['ben']
              : []) {
            const principal: Principal = { id, kind: 'local', name: id, roles: ['RecoveryManager'] };
            await control.decide({ ...gate, action: 'approve', by: id, principal });
          }
        },
      });
      expect(end).toEqual({ status: 'completed', outcome: 'clean' });
    });

    test('take a cancellation in the middle of a wave the same way.', { timeout: 120_000 }, async () => {
      const { end } = await performOnBoth({
        plan: await examplePlan(),
        mode: 'drill',
        estate: example(),
        people: async ({ executionId, code, data }, { control, later }) => {
          if (code === 'WaveStarted' && data['waveNumber'] === 2)
            later(60_000, () => control.cancel({ executionId, by: 'ana', reason: 'false alarm' }));
        },
      });
      expect(end).toMatchObject({ status: 'cancelled' });
    });
  },
);

async function examplePlan(): Promise<Play['plan']> {
  return (await readPlanFile(EXAMPLE.plan)).plan;
}

function example(): string {
  return readFileSync(EXAMPLE.estate, 'utf8');
}

/** The first server never launches. */
function failing(): string {
  return readFileSync(estateWithServer(temporaryFolder(), 'launch: fail-launch'), 'utf8');
}

function servers(options: Parameters<typeof serversPlan>[1]): Pick<Play, 'plan' | 'mode'> {
  const file = serversPlan(temporaryFolder(), options);
  return { plan: parsePlanText(readFileSync(file, 'utf8'), file).plan, mode: 'drill' };
}
