import { createDrsOperations, type DrsOperations } from '#control/drs/operations.ts';
import { createExecutionRequests } from '#control/execution-requests.ts';
import { virtualClock } from '#clocks/virtual.ts';
import { BreakwaterError } from '#core/errors.ts';
import { Plan } from '#core/plan.ts';
import { hasEnded } from '#core/states.ts';
import { simulatedEstate } from '#hosts/local/estate.ts';
import { openPlatform, type Platform } from '#hosts/local/platform.ts';
import { parseScenario } from '#sim/index.ts';
import { drsRoutes } from '../routes/drs.ts';
import { executionsRoutes, type ApproveAtGate } from '../routes/executions.ts';
import { testApp } from './test-app.ts';

export const OWN = '111122223333';
export const REGION = 'eu-central-1';

/** A platform that drills two servers on a simulated AWS in virtual time, with its routes. Time stands still at gates for people. */
export interface DrillWorld {
  readonly platform: Platform;
  readonly drs: DrsOperations;
  readonly ask: Awaited<ReturnType<typeof testApp>>['ask'];
  readonly approved: Parameters<ApproveAtGate['decide']>[0][];
  /** The plan `web`, which is stored. */
  readonly plan: Plan;
  start(body?: object, headers?: Readonly<Record<string, string>>): Promise<string>;
  /** Resolves when the execution waits at this gate. */
  waiting(executionId: string, gateId: string): Promise<void>;
  ended(executionId: string): Promise<void>;
  close(): Promise<void>;
}

export async function drillWorld(): Promise<DrillWorld> {
  const startsAt = '2026-11-24T10:00:00Z';
  const clock = virtualClock({ startsAt: Date.parse(startsAt) });
  const drs = {
    generate: { count: 2, hostnamePrefix: 'web-', tags: { Tier: 'web' } },
    timing: { sigma: 0, snapshotSecondsPerServer: 0 },
  };
  const scenario = parseScenario({
    name: 'drill',
    startsAt,
    accounts: [{ accountId: OWN, regions: { [REGION]: { drs } } }],
  });
  const platform = await openPlatform({
    recordsPath: ':memory:',
    enginePath: ':memory:',
    clock,
    estate: simulatedEstate({ scenario, clock, path: null }),
    seed: 1,
  });
  const { control, deps } = platform;
  const letGo = holdAtGates(platform, () => clock.hold());
  const plan = Plan.parse({
    planId: 'web',
    name: 'Web',
    waves: [
      {
        waveNumber: 1,
        name: 'Servers',
        pauseAfterWave: true,
        technologies: [{ type: 'drs', operation: 'recovery', resources: { tags: { Tier: 'web' } } }],
      },
    ],
  });
  const requests = createExecutionRequests(deps, {
    control,
    planOf: async (planId) => {
      if (planId === 'web') return plan;
      throw new BreakwaterError('NotFound', `there is no plan ${planId}`);
    },
  });
  const approved: DrillWorld['approved'] = [];
  const operations = createDrsOperations(deps, { requests });
  const { ask } = await testApp([
    ...executionsRoutes({
      control,
      requests,
      events: deps.events,
      approvals: { decide: async (params) => void approved.push(params) },
      reportOf: async (executionId) => `<!doctype html><title>${executionId}</title>`,
    }),
    ...drsRoutes(operations),
  ]);
  const look = (executionId: string) => control.getExecution({ executionId });
  return {
    platform,
    drs: operations,
    ask,
    approved,
    plan,
    start: async (body = { planId: 'web', mode: 'drill' }, headers = {}) =>
      (await ask('POST /executions', { body, headers })).body.executionId,
    waiting: (executionId, gateId) =>
      whenTrue(platform, async () =>
        (await look(executionId)).gates.some((gate) => gate.gateId === gateId && gate.status === 'open'),
      ),
    ended: (executionId) => whenTrue(platform, async () => hasEnded((await look(executionId)).status)),
    close: async () => {
      letGo();
      await platform.close();
    },
  };
}

/** Looks now, and again at each event. */
async function whenTrue({ deps: { events } }: Platform, isSo: () => Promise<boolean>): Promise<void> {
  for (;;) {
    const next = Promise.withResolvers<void>();
    const stop = events.subscribe(() => next.resolve());
    try {
      if (await isSo()) return;
      await next.promise;
    } finally {
      stop();
    }
  }
}

function holdAtGates({ deps: { events } }: Platform, hold: () => () => void): () => void {
  const held = new Map<string, () => void>();
  const stop = events.subscribe(({ executionId, code, data }) => {
    const gate = `${executionId}/${data['gateId']}`;
    if (code === 'GateOpened') held.set(gate, hold());
    if (code === 'GateClosed') held.get(gate)?.();
  });
  return () => {
    stop();
    for (const release of held.values()) release();
  };
}
