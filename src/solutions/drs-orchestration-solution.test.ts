import { describe, expect, test } from 'vitest';
import { BreakwaterError } from '#core/errors.ts';
import { openSolution } from './open-solution.ts';
import { nobodyAt, placeAt } from './testing/answering-server.ts';
import { fakeOrchestrator } from './testing/fake-orchestrator.ts';

const { signal } = new AbortController();
const MARK = 'breakwater/exec-1/w1/t0/a1';
const ORDER = { planId: 'plan-1', mode: 'drill', mark: MARK } as const;

async function open({ pascal = false } = {}) {
  const there = await fakeOrchestrator({ pascal });
  return { there, door: openSolution('drs-orchestration', placeAt(there.url)) };
}

const SERVERS = [
  {
    sourceServerId: 's-1',
    launchStatus: 'LAUNCHED',
    recoveryInstanceId: 'i-recovery1',
  },
  { sourceServerId: 's-2', launchStatus: 'FAILED', error: 'conversion failed' },
  { sourceServerId: 's-3', launchStatus: 'IN_PROGRESS' },
];
const WAVE = {
  waveNumber: 0,
  waveName: 'Web',
  status: 'COMPLETED',
  region: 'us-west-2',
  serverIds: ['s-1', 's-2', 's-3', 's-4'],
  serverStatuses: SERVERS,
};

describe.each([{ pascal: false }, { pascal: true }])(
  'the public solution (PascalCase: $pascal)',
  (casing) => {
    test('starts with all three fields that it requires, and the mark as who started it', async () => {
      const { there, door } = await open(casing);
      expect(await door.start(ORDER, signal)).toBe('there-1');
      expect(there.received).toMatchObject([
        {
          method: 'POST',
          path: '/executions',
          headers: { authorization: 'Bearer secret' },
          body: { planId: 'plan-1', executionType: 'DRILL', initiatedBy: MARK },
        },
      ]);
      expect(await door.read('there-1', signal)).toMatchObject({ status: 'running', statusThere: 'PENDING' });
    });

    test('is asked for the execution with our mark, over all pages of its list', async () => {
      const { there, door } = await open(casing);
      for (const initiatedBy of ['ana', 'ben', 'cy', MARK])
        there.kept.push({
          executionId: `of-${initiatedBy}`,
          planId: 'plan-1',
          initiatedBy,
          status: 'RUNNING',
        });
      expect(await door.find(ORDER, signal)).toBe(`of-${MARK}`);
      expect(await door.find({ ...ORDER, mark: 'another' }, signal)).toBeNull();
      expect(there.received.every(({ method }) => method === 'GET')).toBe(true);
    });

    test('tells of servers and waves, with times as epoch seconds', async () => {
      const { there, door } = await open(casing);
      await door.start({ ...ORDER, mode: 'recovery' }, signal);
      Object.assign(there.kept[0]!, {
        status: 'PARTIAL',
        endTime: '1780000930',
        accountId: '111122223333',
        errorMessage: '1 server failed',
        waves: [WAVE],
      });
      there.instances = [
        {
          instanceId: 'i-ec2',
          recoveryInstanceId: 'i-recovery1',
          sourceServerId: 's-1',
          privateIp: '10.0.1.5',
          status: 'RUNNING',
        },
      ];
      const { execution, data } = await door.export('there-1', signal);
      expect(execution).toEqual({
        executionId: 'there-1',
        status: 'partial',
        statusThere: 'PARTIAL',
        isKnown: true,
        message: '1 server failed',
        startedAt: '2026-05-28T20:26:40.000Z',
        completedAt: '2026-05-28T20:42:10.000Z',
        totalWaves: 1,
        waves: [
          {
            name: 'Web',
            statusThere: 'COMPLETED',
            servers: [
              {
                sourceServerId: 's-1',
                status: 'launched',
                statusThere: 'LAUNCHED',
                recovered: {
                  sourceServerId: 's-1',
                  sourceInstanceId: 's-1',
                  recoveryInstanceId: 'i-recovery1',
                  ec2InstanceId: 'i-ec2',
                  privateIp: '10.0.1.5',
                  status: 'running',
                  accountId: '111122223333',
                  region: 'us-west-2',
                  isDrill: false,
                  pointInTime: null,
                },
              },
              {
                sourceServerId: 's-2',
                status: 'failed',
                statusThere: 'FAILED',
                message: 'conversion failed',
              },
              { sourceServerId: 's-3', status: 'pending', statusThere: 'IN_PROGRESS' },
              { sourceServerId: 's-4', status: 'pending', statusThere: '' },
            ],
          },
        ],
      });
      expect(Object.keys(data)).toEqual(['execution', 'recoveryInstances']);
    });

    test('has no plan of an unknown id, and refuses to start it', async () => {
      const { door } = await open(casing);
      expect(await door.findPlan(ORDER, signal)).toEqual({ mayStart: null, lastTookMs: null });
      expect(await door.findPlan({ ...ORDER, planId: 'plan-2' }, signal)).toBeNull();
      await expect(door.start({ ...ORDER, planId: 'plan-2' }, signal)).rejects.toMatchObject({
        code: 'SolutionRefused',
        message: 'core-dr has no recovery plan "plan-2"',
      });
    });

    test('is told to cancel, and says when there is nothing to cancel any more', async () => {
      const { there, door } = await open(casing);
      await door.start(ORDER, signal);
      expect(await door.cancel('there-1', signal)).toBe(true);
      expect(there.kept[0]!.status).toBe('CANCELLING');
      there.kept[0]!.status = 'CANCELLED';
      expect(await door.cancel('there-1', signal)).toBe(false);
    });

    test('terminates what a drill has launched, once', async () => {
      const { there, door } = await open(casing);
      await door.start(ORDER, signal);
      there.instances = [{ instanceId: 'i-1', sourceServerId: 's-1', status: 'running' }];
      expect(await door.terminate('there-1', signal)).toBe('under_way');
      expect(await door.terminate('there-1', signal)).toBe('done');
      expect(there.received.filter(({ path }) => path.endsWith('/terminate-instances'))).toHaveLength(1);
    });
  },
);

test.each([
  { status: 'POLLING', is: 'running', isKnown: true },
  { status: 'CANCELLING', is: 'running', isKnown: true },
  { status: 'PAUSED', is: 'waiting', isKnown: true },
  { status: 'TIMEOUT', is: 'failed', isKnown: true },
  { status: 'completed', is: 'completed', isKnown: true },
  { status: 'HIBERNATED', is: 'running', isKnown: false },
])('the status $status means $is', async ({ status, is, isKnown }) => {
  const { there, door } = await open();
  await door.start(ORDER, signal);
  Object.assign(there.kept[0]!, { status, pausedBeforeWave: 1 });
  expect(await door.read('there-1', signal)).toMatchObject({
    status: is,
    isKnown,
    ...(is === 'waiting' ? { message: 'paused before wave 2' } : {}),
  });
});

describe('trouble', () => {
  test('an answer that is lost after the start took effect may have taken effect', async () => {
    const { there, door } = await open();
    there.mishaps.push({ at: 'POST /executions', answer: 'hang up', tookEffect: true });
    await expect(door.start(ORDER, signal)).rejects.toMatchObject({
      code: 'SolutionUnreachable',
      details: { ambiguous: true },
    });
    expect(await door.find(ORDER, signal)).toBe('there-1');
  });

  test('so may a gateway that gives up, and an answer that makes no sense', async () => {
    const { there, door } = await open();
    there.mishaps.push(
      { at: 'POST /executions', answer: { status: 504, body: { message: 'Endpoint request timed out' } } },
      { at: 'POST /executions', answer: { status: 200, text: '<html>welcome</html>' } },
      { at: 'POST /executions', answer: { status: 202, body: { message: 'accepted' } } },
    );
    for (let i = 0; i < 3; i++)
      await expect(door.start(ORDER, signal)).rejects.toMatchObject({
        code: 'SolutionUnreachable',
        details: { ambiguous: true },
      });
  });

  test('a solution that is down has done nothing', async () => {
    const door = openSolution('drs-orchestration', placeAt(await nobodyAt()));
    await expect(door.start(ORDER, signal)).rejects.toMatchObject({
      code: 'SolutionUnreachable',
      message: expect.stringContaining('core-dr does not answer'),
      details: { ambiguous: false },
    });
  });

  test('its limits are waited for as long as it says', async () => {
    const { there, door } = await open();
    const body = { error: 'DRS_ERROR', message: '20 of 20 jobs are active' };
    there.mishaps.push({
      at: 'POST /executions',
      answer: { status: 429, body, headers: { 'retry-after': '60' } },
    });
    await expect(door.start(ORDER, signal)).rejects.toMatchObject({
      code: 'SolutionUnreachable',
      message: 'core-dr is busy (429): 20 of 20 jobs are active',
      details: { ambiguous: false, retryAfterMs: 60_000 },
    });
  });

  test.each([
    { status: 401, code: 'SolutionDenied' },
    { status: 403, code: 'SolutionDenied' },
    { status: 400, code: 'SolutionRefused' },
    { status: 409, code: 'SolutionRefused' },
  ])('$status to a start is $code, with what it said', async ({ status, code }) => {
    const { there, door } = await open();
    const body = { error: 'ALREADY_EXISTS', message: '2 servers are in active executions' };
    there.mishaps.push({ at: 'POST /executions', answer: { status, body } });
    await expect(door.start(ORDER, signal)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(`(${status}): 2 servers are in active executions`),
    });
  });

  test('a read that is refused may pass, since what runs there goes on', async () => {
    const { there, door } = await open();
    there.mishaps.push({ at: 'GET /executions/{id}', answer: { status: 400 } });
    await expect(door.read('there-1', signal)).rejects.toMatchObject({
      code: 'SolutionRefused',
      retry: 'paused',
    });
  });

  test('a redirect is not followed: the token would go with it', async () => {
    const [{ there, door }, elsewhere] = [await open(), await fakeOrchestrator()];
    const headers = { location: `${elsewhere.url}/executions` };
    there.mishaps.push({ at: 'POST /executions', answer: { status: 307, headers } });
    await expect(door.start(ORDER, signal)).rejects.toMatchObject({
      code: 'SolutionRefused',
      message: expect.stringContaining('which is not followed'),
    });
    expect(elsewhere.received).toEqual([]);
  });

  test('an answer without an end is not read to its end', async () => {
    const { there, door } = await open();
    there.mishaps.push({
      at: 'GET /executions/{id}',
      answer: { status: 200, text: ' '.repeat(17 * 1024 * 1024) },
    });
    await expect(door.read('there-1', signal)).rejects.toMatchObject({
      code: 'SolutionUnreachable',
      message: expect.stringContaining('more than 16777216 bytes'),
    });
  });

  test('an address that must not be asked is not asked', async () => {
    const { there } = await open();
    const refuse = () =>
      Promise.reject(new BreakwaterError('RequestInvalid', '169.254.169.254 serves metadata'));
    const place = placeAt(there.url, { fetch: refuse });
    await expect(openSolution('drs-orchestration', place).start(ORDER, signal)).rejects.toMatchObject({
      code: 'SolutionRefused',
      message: 'core-dr must not be asked: 169.254.169.254 serves metadata',
    });
    expect(there.received).toEqual([]);
  });
});
