import type { Finding } from './outcome.ts';
import type { Plan } from './plan.ts';

/** Counted in histories of `recovery.asl.json`; `test/step-functions/history-budget.test.ts` holds them against it. */
const EVENTS = { execution: 22, wave: 35, technology: 10, planApproval: 8, waveApproval: 16, pause: 8 };

/** What is left for what fails: a decision to try a wave again takes 30 events, and 10 for each technology that failed. */
const SHARE_OF_MOST = 0.8;

/** How many events the history of the master execution has when nothing fails. What technologies do, they do in executions of their own. */
export function masterEvents({ waves, approval }: Pick<Plan, 'waves' | 'approval'>): number {
  return waves.reduce(
    (sum, wave) =>
      sum +
      EVENTS.wave +
      EVENTS.technology * wave.technologies.length +
      (wave.approval === undefined ? 0 : EVENTS.waveApproval) +
      (wave.pauseAfterWave ? EVENTS.pause : 0),
    EVENTS.execution + (approval === undefined ? 0 : EVENTS.planApproval),
  );
}

/** Says that a plan has too many waves and technologies for an engine whose histories have at most so many events. */
export function checkHistory(
  plan: Pick<Plan, 'waves' | 'approval'>,
  mostEvents: number | undefined,
): Finding[] {
  const events = masterEvents(plan);
  if (mostEvents === undefined || events <= mostEvents * SHARE_OF_MOST) return [];
  return [
    {
      level: 'error',
      rule: 'PlanTooLarge',
      path: 'waves',
      message: `${plan.waves.length} waves make a history of ${events} events; the engine keeps at most ${mostEvents}, and a fifth of them is for what fails`,
      remedy: 'Split the plan, or put more resources into each technology.',
    },
  ];
}
