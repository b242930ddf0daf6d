import { readFileSync } from 'node:fs';
import { parsePlanText, readPlanFile } from '#control/plan-file.ts';
import type { ExecutionEventRecord } from '#core/events.ts';
import type { Principal } from '#core/permissions.ts';
import { Plan } from '#core/plan.ts';
import { temporaryFolder } from '../../support/breakwater.ts';
import { estateWithServer, EXAMPLE, serversPlan } from '../../support/estates.ts';
import type { Acting, Play } from './perform.ts';

const example = (): string => readFileSync(EXAMPLE.estate, 'utf8');
const examplePlan = async (): Promise<Play['plan']> => (await readPlanFile(EXAMPLE.plan)).plan;

/** The first server never launches. */
const failing = (): string =>
  readFileSync(estateWithServer(temporaryFolder(), 'launch: fail-launch'), 'utf8');

function servers(options: Parameters<typeof serversPlan>[1]): Pick<Play, 'plan' | 'mode'> {
  const file = serversPlan(temporaryFolder(), options);
  return { plan: parsePlanText(readFileSync(file, 'utf8'), file).plan, mode: 'drill' };
}

/** Acts at each gate that a person opens, once. */
function atGates(
  act: (gate: { executionId: string; gateId: string; kind: string }, acting: Acting) => Promise<void>,
): Play['people'] {
  return async ({ executionId, code, data }: ExecutionEventRecord, acting) => {
    if (code !== 'GateOpened') return;
    await act({ executionId, gateId: String(data['gateId']), kind: String(data['kind']) }, acting);
  };
}

const resume = atGates(({ executionId, gateId }, { control }) =>
  control.decide({ executionId, gateId, action: 'resume', by: 'ana' }),
);

/** Each makes the play anew: what people have done is no part of the next. */
export const PLAYS = {
  "the specification's plan, through its pause": async (): Promise<Play> => ({
    plan: await examplePlan(),
    mode: 'recovery',
    estate: example(),
    people: resume,
  }),

  'a failure that is retried, fails again and is skipped': async (): Promise<Play> => {
    const actions = ['retry', 'skip'] as const;
    let decisions = 0;
    return {
      ...servers({ waves: 2 }),
      estate: failing(),
      people: atGates(async ({ executionId, gateId }, { control }) => {
        const action = actions[decisions++ % 2]!;
        await control.decide({ executionId, gateId, action, by: 'ana', reason: 'app-01 can wait' });
      }),
    };
  },

  'a pause that someone asked for': async (): Promise<Play> => ({
    ...servers({ waves: 2 }),
    estate: example(),
    people: async ({ executionId, code, data }, { control, later }) => {
      if (code === 'WaveStarted' && data['waveNumber'] === 1)
        later(60_000, () => control.pause({ executionId, by: 'ana' }));
      if (code === 'ExecutionPaused') await control.resume({ executionId, by: 'ana' });
    },
  }),

  'approvals of the plan and of a wave': async (): Promise<Play> => {
    const plan = await examplePlan();
    const [first, second, third] = plan.waves;
    const waves = [first, second, { ...third, approval: { required: 1 } }];
    return {
      plan: Plan.parse({ ...plan, waves, approval: { required: 2 } }),
      mode: 'recovery',
      estate: example(),
      people: atGates(async ({ kind, ...gate }, { control }) => {
        if (kind === 'pause') await control.decide({ ...gate, action: 'resume', by: 'ana' });
        else
          for (const id of gate.gateId.startsWith('w0') ? ['ben', 'carl'] : ['ben'])
            await control.decide({ ...gate, action: 'approve', by: user(id).id, principal: user(id) });
      }),
    };
  },

  'a cancellation in the middle of a wave': async (): Promise<Play> => ({
    plan: await examplePlan(),
    mode: 'drill',
    // Launches that never end: whenever the cancellation comes, they are under way.
    estate: example().replaceAll(/hostname: app-\d+/g, (host) => `${host}\n${' '.repeat(14)}launch: stuck`),
    people: async ({ executionId, code, data }, { control }) => {
      if (code !== 'TechnologyCompleted' || data['technology'] !== 'application/scripts') return;
      await control.cancel({ executionId, by: 'ana', reason: 'false alarm' });
    },
  }),

  'two waves side by side': async (): Promise<Play> => {
    const plan = await examplePlan();
    const [first, second, third] = plan.waves;
    const waves = [first, { ...second, dependencies: [] }, { ...third, dependencies: [1, 2] }];
    return { plan: Plan.parse({ ...plan, waves }), mode: 'recovery', estate: example(), people: resume };
  },

  'a failure that ends the execution': async (): Promise<Play> => ({
    ...servers({ waves: 2, technology: 'onFailure: stop' }),
    estate: failing(),
    people: async () => {},
  }),
} as const;
export type PlayName = keyof typeof PLAYS;

/** A user of IAM, as Breakwater knows them. */
function user(name: string): Principal {
  return {
    id: `arn:aws:iam::111122223333:user/${name}`,
    kind: 'iam',
    name: `user/${name}`,
    roles: ['RecoveryManager'],
  };
}
