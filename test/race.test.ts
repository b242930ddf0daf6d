import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from './support/breakwater.ts';
import type { BreakwaterClient, PlanInput } from '../clients/typescript/breakwater.ts';
import { ProblemError } from '../clients/typescript/transport.ts';
import { startServer } from './support/server.ts';

const CLIENTS = 50;
const WAVES = 6;

/** Waves that do next to nothing, each with a gate that someone has to open. */
const PLAN: PlanInput = {
  name: 'Race',
  region: 'us-west-2',
  waves: Array.from({ length: WAVES }, (_, index) => ({
    waveNumber: index + 1,
    name: `Wave ${index + 1}`,
    pauseAfterWave: true,
    technologies: [
      {
        type: 'infrastructure',
        operation: 'dns_update',
        resources: {
          route53Records: [{ recordName: 'app.company.com', newValue: 'recovered-lb.elb.amazonaws.com' }],
        },
      },
    ],
  })),
};

interface Act {
  readonly what: string;
  readonly status: number;
  readonly code: string;
}

/** Does what comes to its mind until the execution has ended, and tells what it was answered. */
async function race(client: BreakwaterClient, executionId: string, seed: number): Promise<Act[]> {
  const acts: Act[] = [];
  for (let turn = 0; ; turn++) {
    const gateId = `w${1 + ((seed + turn) % WAVES)}-pause`;
    const choices = [
      ['pause', () => client.pauseExecution({ executionId })],
      ['resume', () => client.resumeExecution({ executionId })],
      [`open ${gateId}`, () => client.actAtGate({ executionId, gateId, body: { action: 'resume' } })],
    ] as const;
    const [what, act] = choices[(seed * 7 + turn * 3 + (turn >> 1)) % choices.length]!;
    const { status, code } = await act().then(({ status }) => ({ status, code: '' }), problemOf);
    acts.push({ what, status, code });
    if (code === 'ExecutionNotRunning') return acts;
  }
}

function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  throw error;
}

test(
  'fifty clients that race at one execution get answers that fit one history',
  { timeout: 120_000 },
  async () => {
    const { client } = await startServer(path.join(temporaryFolder(), 'data'));
    const started = await client.startExecution({ body: { plan: PLAN, mode: 'drill' } });
    const { executionId } = started.data;
    const acts = (
      await Promise.all(Array.from({ length: CLIENTS }, (_, seed) => race(client, executionId, seed)))
    ).flat();

    expect(acts.filter(({ status }) => status !== 200 && status !== 409)).toEqual([]);
    expect((await client.getExecution({ executionId })).data.status).toBe('completed');
    const { events } = (await client.listEvents({ executionId })).data;
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
    for (let wave = 1; wave <= WAVES; wave++) {
      const gateId = `w${wave}-pause`;
      const count = (code: string): number =>
        events.filter((event) => event.code === code && event.data['gateId'] === gateId).length;
      expect([gateId, count('GateOpened'), count('GateClosed')]).toEqual([gateId, 1, 1]);
      const won = acts.filter(({ what, status }) => what === `open ${gateId}` && status === 200).length;
      expect(won).toBeLessThanOrEqual(1);
    }
    expect((await client.verifyAudit()).data.ok).toBe(true);
  },
);
