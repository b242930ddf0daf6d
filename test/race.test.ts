import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from './support/breakwater.ts';
import { startServer, type TestServer } from './support/server.ts';

const CLIENTS = 50;
const WAVES = 6;

/** Waves that do next to nothing, each with a gate that someone has to open. */
const PLAN = {
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
  readonly code: string | undefined;
}

/** Does what comes to its mind until the execution has ended, and tells what it was answered. */
async function client({ ask }: TestServer, executionId: string, seed: number): Promise<Act[]> {
  const acts: Act[] = [];
  for (let turn = 0; ; turn++) {
    const gate = `w${1 + ((seed + turn) % WAVES)}-pause`;
    const choices = [
      ['pause', `POST /executions/${executionId}/pause`, {}],
      ['resume', `POST /executions/${executionId}/resume`, {}],
      [`open ${gate}`, `POST /executions/${executionId}/gates/${gate}`, { action: 'resume' }],
    ] as const;
    const [what, request, body] = choices[(seed * 7 + turn * 3 + (turn >> 1)) % choices.length]!;
    const answer = await ask(request, body);
    acts.push({ what, status: answer.status, code: answer.body.code });
    if (answer.body.code === 'ExecutionNotRunning') return acts;
  }
}

test(
  'fifty clients that race at one execution get answers that fit one history',
  { timeout: 120_000 },
  async () => {
    const server = await startServer(path.join(temporaryFolder(), 'data'));
    const started = await server.ask('POST /executions', { plan: PLAN, mode: 'drill' });
    const { executionId } = started.body;
    const acts = (
      await Promise.all(Array.from({ length: CLIENTS }, (_, seed) => client(server, executionId, seed)))
    ).flat();

    expect(acts.filter(({ status }) => status !== 200 && status !== 409)).toEqual([]);
    const { body } = await server.ask(`GET /executions/${executionId}`);
    expect(body.status).toBe('completed');
    const { events } = (await server.ask(`GET /executions/${executionId}/events`)).body;
    expect(events.map(({ sequence }: { sequence: number }) => sequence)).toEqual(
      events.map((_: unknown, index: number) => index + 1),
    );
    for (let wave = 1; wave <= WAVES; wave++) {
      const gateId = `w${wave}-pause`;
      const count = (code: string): number =>
        events.filter(
          (event: { code: string; data: { gateId?: string } }) =>
            event.code === code && event.data.gateId === gateId,
        ).length;
      expect([gateId, count('GateOpened'), count('GateClosed')]).toEqual([gateId, 1, 1]);
      const won = acts.filter(({ what, status }) => what === `open ${gateId}` && status === 200).length;
      expect(won).toBeLessThanOrEqual(1);
    }
    expect((await server.ask('POST /audit/verify')).body.ok).toBe(true);
  },
);
