import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { BreakwaterClient, ExecutionEvent, PlanInput } from '../clients/typescript/breakwater.ts';
import { ProblemError } from '../clients/typescript/transport.ts';
import { temporaryFolder } from './support/breakwater.ts';
import { adminTokenOf, startServer } from './support/server.ts';

const CLIENTS = 50;
const WAVES = 6;
/** Rounds begin for so long. Continuous integration has a minute. */
const RACE_MS = Number(process.env['RACE_SECONDS'] ?? '0') * 1_000;

/** Two people have to agree; then waves that do next to nothing, each with a gate that someone has to open. */
const PLAN: PlanInput = {
  name: 'Race',
  region: 'us-west-2',
  approval: { required: 2, modes: ['drill'] },
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
  readonly who: number;
  readonly status: number;
  readonly code: string;
}

/** Three people: each acts through a third of the clients. */
async function people(dataDir: string) {
  const first = await adminTokenOf(dataDir);
  const second = await adminTokenOf(dataDir, ['--new-admin-token']);
  const server = await startServer(dataDir, { args: ['--new-admin-token'] });
  const clients = [
    server.client,
    await server.as('RecoveryManager', 'maria', first),
    await server.as('RecoveryManager', 'omar', second),
  ];
  return { admin: server.client, clients };
}

/** Does what comes to its mind until the execution has ended, and tells what it was answered. */
async function race(
  client: BreakwaterClient,
  executionId: string,
  { seed, cancels }: { seed: number; cancels: boolean },
): Promise<Act[]> {
  const acts: Act[] = [];
  for (let turn = 0; ; turn++) {
    const gateId = `w${1 + ((seed + turn) % WAVES)}-pause`;
    const choices = [
      ['pause', () => client.pauseExecution({ executionId })],
      ['resume', () => client.resumeExecution({ executionId })],
      [`open ${gateId}`, () => client.actAtGate({ executionId, gateId, body: { action: 'resume' } })],
      [
        'approve',
        () => client.actAtGate({ executionId, gateId: 'w0-approval', body: { action: 'approve' } }),
      ],
      ...(cancels && seed % 10 === 7 && turn > 20
        ? [['cancel', () => client.cancelExecution({ executionId })] as const]
        : []),
    ] as const;
    const [what, act] = choices[(seed * 7 + turn * 3 + (turn >> 1)) % choices.length]!;
    const { status, code } = await act().then(({ status }) => ({ status, code: '' }), problemOf);
    // Seventeen clients of one person may ask more often than one is allowed to: nothing has happened.
    if (status === 429) await sleep(1_000);
    else acts.push({ what, who: seed % 3, status, code });
    if (code === 'ExecutionNotRunning') return acts;
  }
}

function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  throw error;
}

/** Fifty clients start one execution and then race at it; all that they were answered fits what its events tell. */
async function raceOnce(
  { admin, clients }: Awaited<ReturnType<typeof people>>,
  round: number,
): Promise<string> {
  const cancels = round % 3 === 2;
  const order = { idempotencyKey: `round-${round}`, body: { plan: PLAN, mode: 'drill' as const } };
  const starts = await Promise.all(Array.from({ length: CLIENTS }, () => admin.startExecution(order)));
  const executionId = starts[0]!.data.executionId;
  expect(new Set(starts.map(({ data }) => data.executionId))).toEqual(new Set([executionId]));
  expect(starts.filter(({ data }) => !data.joined)).toHaveLength(1);

  const acts = (
    await Promise.all(
      Array.from({ length: CLIENTS }, (_, seed) => race(clients[seed % 3]!, executionId, { seed, cancels })),
    )
  ).flat();
  const odd = acts.filter(({ status }) => status !== 200 && status !== 409);
  expect([...new Set(odd.map(({ what, status, code }) => `${what}: ${status} ${code}`))]).toEqual([]);
  const { status } = (await admin.getExecution({ executionId })).data;
  const { events } = (await admin.listEvents({ executionId })).data;
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
  const worked = (what: string): Act[] => acts.filter((act) => act.what === what && act.status === 200);
  expectEnd(worked('cancel').length > 0, events, status);
  expectApprovals(worked('approve'), events, status);
  for (let wave = 1; wave <= WAVES; wave++) {
    const gateId = `w${wave}-pause`;
    const opened = countOf(events, 'GateOpened', gateId);
    if (status === 'completed') expect([gateId, opened]).toEqual([gateId, 1]);
    expect([gateId, countOf(events, 'GateClosed', gateId)]).toEqual([gateId, opened]);
    expect(worked(`open ${gateId}`).length).toBeLessThanOrEqual(opened);
  }
  return status;
}

/** A cancel that comes when the last wave is at its end has nothing left to stop: it is in the events, and the end is the truth. */
function expectEnd(isCancelled: boolean, events: readonly ExecutionEvent[], status: string): void {
  const count = (code: string): number => events.filter((event) => event.code === code).length;
  expect(count('ExecutionCancelRequested') > 0).toBe(isCancelled);
  expect(status).toBe(count('WaveCompleted') === WAVES ? 'completed' : 'cancelled');
  if (!isCancelled) expect(status).toBe('completed');
}

/** Who has started does not count, and nobody counts twice. */
function expectApprovals(approved: readonly Act[], events: readonly ExecutionEvent[], status: string): void {
  const who = approved.map((act) => act.who);
  expect(who).not.toContain(0);
  expect(who).toHaveLength(new Set(who).size);
  if (status === 'completed') expect(new Set(who)).toEqual(new Set([1, 2]));
  expect(countOf(events, 'GateOpened', 'w0-approval')).toBeLessThanOrEqual(1);
}

function countOf(events: readonly ExecutionEvent[], code: string, gateId: string): number {
  return events.filter((event) => event.code === code && event.data['gateId'] === gateId).length;
}

test(
  'fifty clients that race at one execution get answers that fit one history',
  { timeout: 120_000 + 3 * RACE_MS },
  async () => {
    const three = await people(path.join(temporaryFolder(), 'data'));
    const ends: string[] = [];
    for (const endMs = Date.now() + RACE_MS; ends.length < 3 || Date.now() < endMs;)
      ends.push(await raceOnce(three, ends.length));
    expect(ends).toContain('completed');
    expect((await three.admin.verifyAudit()).data.ok).toBe(true);
  },
);
