import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { virtualClock } from '#clocks/virtual.ts';
import { readPlanFile } from '#control/plan-file.ts';
import type { Principal } from '#core/permissions.ts';
import { Plan } from '#core/plan.ts';
import { hasEnded } from '#core/states.ts';
import { simulatedEstate, type Estate } from '#hosts/local/estate.ts';
import { openPlatform, type Platform } from '#hosts/local/platform.ts';
import { memoryStore } from '#store/memory-store.ts';
import { readScenario } from '#sim/index.ts';
import { EXAMPLE } from './support/estates.ts';

/*
 * The Region of the control plane is lost, and with it every state machine; the records stand in a second Region too. Another engine
 * begins the execution anew there, from the records alone.
 */

const BEN: Principal = { id: 'ben', kind: 'local', name: 'ben', roles: ['RecoveryManager'] };

interface Told {
  readonly status: string;
  /** Codes of its events and what they are about, without what says only how far something is. */
  readonly events: readonly string[];
  /** What was asked of AWS that changes something. */
  readonly changes: readonly string[];
}

/** Recovers the example, with an approval and a pause; its engine is lost as soon as an event with the code `lostAt` is written. */
async function recover(lostAt: string | null): Promise<Told> {
  const clock = virtualClock({ startsAt: Date.parse('2026-01-07T10:00:00Z') });
  const scenario = readScenario(readFileSync(EXAMPLE.estate, 'utf8'));
  const estate = simulatedEstate({ scenario, clock, path: null });
  const changes: string[] = [];
  const onCall: Estate['aws']['onCall'] = ({ iamAction }) => {
    if (!/:(Describe|Get|List)/.test(iamAction)) changes.push(iamAction);
  };
  const params = {
    recordsPath: ':memory:',
    enginePath: ':memory:',
    store: { ...memoryStore(), close: async () => {} },
    clock,
    estate: { ...estate, aws: { ...estate.aws, onCall }, close: async () => {} },
  };
  let letGo = clock.hold();
  let platform = await openPlatform(params);
  const order = { plan: await planWithApproval(), mode: 'recovery', initiatedBy: 'ana' } as const;
  const { executionId } = await platform.control.startExecution(order);
  let isLost = lostAt === null;
  for (;;) {
    const { status } = await platform.control.getExecution({ executionId });
    const events = await platform.control.listEvents({ executionId });
    if (hasEnded(status)) {
      await platform.close();
      return { status, events: events.flatMap(lineOf).sort(), changes: changes.sort() };
    }
    if (!isLost && events.some(({ code }) => code === lostAt)) {
      isLost = true;
      await platform.close();
      platform = await openPlatform(params);
    }
    await openGates(platform, executionId);
    letGo();
    await clock.sleep(1_000);
    letGo = clock.hold();
  }
}

/** Not how far something is, nor that there was another engine. */
function lineOf({ code, message }: { code: string; message: string }): string[] {
  return code === 'TechnologyProgressed' || code === 'ProcessRestarted' ? [] : [`${code}: ${message}`];
}

async function openGates({ control }: Platform, executionId: string): Promise<void> {
  const { gates } = await control.getExecution({ executionId });
  for (const { gateId, kind, status } of gates) {
    if (status !== 'open' || kind === 'dependencies') continue;
    const action = kind === 'approval' ? 'approve' : 'resume';
    await control.decide({ executionId, gateId, action, by: BEN.id, principal: BEN });
  }
}

async function planWithApproval(): Promise<Plan> {
  const { plan } = await readPlanFile(EXAMPLE.plan);
  const [first, ...rest] = plan.waves;
  return Plan.parse({ ...plan, waves: [{ ...first, approval: { required: 1 } }, ...rest] });
}

test('an undisturbed recovery asks twice for people and changes things at AWS', async () => {
  const { status, events, changes } = await recover(null);
  expect(status).toBe('completed');
  expect(events.filter((line) => line.startsWith('GateOpened'))).toHaveLength(2);
  expect(changes).toContain('drs:StartRecovery');
});

test.each([
  'ExecutionStarted',
  'ExecutionValidated',
  'GateOpened',
  'ApprovalGiven',
  'WaveStarted',
  'TechnologyProgressed',
  'TechnologyCompleted',
  'WaveCompleted',
  'WavePaused',
])(
  'an execution whose engine is lost after %s ends as if nothing had been, and does nothing twice',
  async (code) => {
    expect(await recover(code)).toEqual(await recover(null));
  },
);
