import { describe, expect, test } from 'vitest';
import { drsWorld, EXACT } from './testing.ts';

const WEB = 's-1111111111111111a';
const DATA = 's-2222222222222222b';
const TWO_SERVERS = {
  timing: EXACT,
  sourceServers: [
    { id: WEB, hostname: 'web-1', tags: { Tier: 'web' } },
    { id: DATA, hostname: 'data-1', os: 'windows', disks: [30, 200] },
  ],
};

describe('a launch of healthy servers', () => {
  test('goes through PENDING and STARTED to COMPLETED with every server LAUNCHED', () => {
    const world = drsWorld(TWO_SERVERS);

    const job = world.start([WEB], { tags: { execution: 'exec-1' } });

    expect(job).toMatchObject({
      type: 'LAUNCH',
      initiatedBy: 'START_DRILL',
      status: 'PENDING',
      tags: { execution: 'exec-1' },
      participatingServers: [{ sourceServerID: WEB, launchStatus: 'PENDING' }],
    });
    expect(job.jobID).toMatch(/^drsjob-[0-9a-f]{17}$/);
    world.pass(100);
    expect(world.job(job.jobID!)).toMatchObject({
      status: 'STARTED',
      participatingServers: [{ launchStatus: 'PENDING' }],
    });
    world.pass(200);
    expect(world.job(job.jobID!)?.participatingServers?.[0]?.launchStatus).toBe('IN_PROGRESS');
    world.pass(250);
    const [instance] = world.recoveryInstances();
    expect(world.job(job.jobID!)).toMatchObject({
      status: 'COMPLETED',
      endDateTime: '2026-03-01T10:08:54.950Z',
      participatingServers: [
        { sourceServerID: WEB, launchStatus: 'LAUNCHED', recoveryInstanceID: instance!.recoveryInstanceID },
      ],
    });
  });

  test('logs the events of AWS, LAUNCH_END included, and not in order of time', () => {
    const world = drsWorld(TWO_SERVERS);
    const { jobID } = world.start([WEB]);
    world.pass(600);

    expect(world.events(jobID!)).toEqual([
      'JOB_START',
      'SNAPSHOT_START',
      'SNAPSHOT_END',
      'CONVERSION_START',
      'CONVERSION_END',
      'LAUNCH_START',
      'LAUNCH_END',
      'JOB_END',
    ]);
    const { items } = world.invoke<{ items: { event: string }[] }>('DescribeJobLogItems', { jobID });
    expect(items[0]?.event).toBe('JOB_END');
  });

  test('takes longer on Windows and with more disks', () => {
    const world = drsWorld(TWO_SERVERS);
    const { jobID } = world.start([DATA]);
    world.pass(1700);

    // (185 + 295) s × 3 × 1.1 = 1584 s, and 54.95 s around it.
    expect(world.job(jobID!)?.endDateTime).toBe('2026-03-01T10:27:18.950Z');
  });

  test('ends for the quick server before it ends for the slow one, and the job ends last', () => {
    const world = drsWorld(TWO_SERVERS);
    const { jobID } = world.start([WEB, DATA]);
    world.pass(700);

    expect(world.job(jobID!)).toMatchObject({
      status: 'STARTED',
      participatingServers: [{ launchStatus: 'LAUNCHED' }, { launchStatus: 'IN_PROGRESS' }],
    });
    expect(world.refused('StartRecovery', { sourceServers: [{ sourceServerID: WEB }] }).code).toBe(
      'ConflictException',
    );
  });

  test('is seen on the source server', () => {
    const world = drsWorld(TWO_SERVERS);
    expect(world.server(WEB)).toMatchObject({ lastLaunchResult: 'NOT_STARTED' });

    const { jobID } = world.start([WEB], { isDrill: false });
    world.pass(10);
    expect(world.server(WEB)).toMatchObject({
      lastLaunchResult: 'PENDING',
      lifeCycle: { lastLaunch: { status: 'PENDING', initiated: { jobID, type: 'RECOVERY' } } },
    });
    world.pass(600);
    const server = world.server(WEB);
    expect(server).toMatchObject({
      lastLaunchResult: 'SUCCEEDED',
      lifeCycle: { lastLaunch: { status: 'LAUNCHED' } },
    });
    expect(server.recoveryInstanceId).toBe(world.recoveryInstances()[0]?.ec2InstanceID);
  });

  test('takes about as long as the recorded drills, 533 and 539 s, and not twice the same', () => {
    const world = drsWorld({ generate: { count: 20 } });
    const jobs = world.serverIds().map((id) => world.start([id]).jobID!);
    world.pass(1500);

    const seconds = jobs.map(
      (id) => (Date.parse(world.job(id)!.endDateTime!) - Date.parse('2026-03-01T10:00:00Z')) / 1000,
    );
    const median = seconds.toSorted((a, b) => a - b)[10]!;
    expect(median).toBeGreaterThan(460);
    expect(median).toBeLessThan(620);
    expect(new Set(seconds).size).toBe(20);
  });
});

describe('a launch that goes wrong', () => {
  test.each([
    { launch: 'fail-conversion', event: 'CONVERSION_FAIL' },
    { launch: 'fail-launch', event: 'LAUNCH_FAILED' },
  ])(
    'ends COMPLETED with the server FAILED and $event in the log when the scenario says $launch',
    ({ launch, event }) => {
      const world = drsWorld({ timing: EXACT, sourceServers: [{ id: WEB, hostname: 'web-1', launch }] });
      const { jobID } = world.start([WEB]);
      world.pass(600);

      expect(world.job(jobID!)).toMatchObject({
        status: 'COMPLETED',
        participatingServers: [{ launchStatus: 'FAILED' }],
      });
      expect(world.events(jobID!)).toContain(event);
      expect(world.server(WEB)).toMatchObject({ lastLaunchResult: 'FAILED' });
      expect(world.recoveryInstances()).toEqual([]);
    },
  );

  test('fails so many times as the scenario says, and then works', () => {
    const world = drsWorld({
      timing: EXACT,
      sourceServers: [{ id: WEB, hostname: 'web-1', launch: 'fail-launch', times: 2 }],
    });

    const statuses = [1, 2, 3].map(() => {
      const { jobID } = world.start([WEB]);
      world.pass(600);
      return world.job(jobID!)?.participatingServers?.[0]?.launchStatus;
    });

    expect(statuses).toEqual(['FAILED', 'FAILED', 'LAUNCHED']);
  });

  test('never ends when the server is stuck in conversion', () => {
    const world = drsWorld({
      timing: EXACT,
      sourceServers: [{ id: WEB, hostname: 'web-1', launch: 'stuck' }],
    });
    const { jobID } = world.start([WEB]);
    world.pass(7 * 86_400);

    expect(world.job(jobID!)).toMatchObject({
      status: 'STARTED',
      participatingServers: [{ launchStatus: 'PENDING' }],
    });
    expect(world.events(jobID!).at(-1)).toBe('CONVERSION_START');
  });

  test('is COMPLETED after 204 s with nothing launched when the Region fails silently', () => {
    const world = drsWorld({ ...TWO_SERVERS, silentFailure: 1 });
    const { jobID } = world.start([WEB]);
    world.pass(205);

    expect(world.job(jobID!)).toMatchObject({
      status: 'COMPLETED',
      endDateTime: '2026-03-01T10:03:24.400Z',
      participatingServers: [{ launchStatus: 'FAILED' }],
    });
    expect(world.events(jobID!)).toEqual(['JOB_START', 'SNAPSHOT_START', 'SNAPSHOT_END', 'JOB_END']);
    expect(world.job(world.start([WEB]).jobID!)?.status).toBe('PENDING');
  });

  test('fails a server by chance as often as failProbability says', () => {
    const world = drsWorld({ timing: EXACT, failProbability: 0.5, generate: { count: 100 } });
    const { jobID } = world.start(world.serverIds());
    world.pass(700);

    const failed = world
      .job(jobID!)!
      .participatingServers!.filter(({ launchStatus }) => launchStatus === 'FAILED');
    expect(failed.length).toBeGreaterThan(30);
    expect(failed.length).toBeLessThan(70);
  });

  test('vanishes from DescribeJobs a minute later when the scenario says so, and launches all the same', () => {
    const world = drsWorld({ ...TWO_SERVERS, vanishJobs: 1 });
    const { jobID } = world.start([WEB]);
    expect(world.job(jobID!)).toMatchObject({ jobID });
    world.pass(61);

    expect(world.job(jobID!)).toBeUndefined();
    expect(world.refused('DescribeJobLogItems', { jobID }).code).toBe('ResourceNotFoundException');
    world.pass(600);
    expect(world.recoveryInstances()).toHaveLength(1);
  });

  test('launches a stalled server from its last snapshot', () => {
    const world = drsWorld({
      timing: EXACT,
      sourceServers: [{ id: WEB, hostname: 'web-1', replication: { state: 'STALLED', lagSeconds: 7200 } }],
    });
    const { jobID } = world.start([WEB]);
    world.pass(600);

    expect(world.events(jobID!)).toContain('USING_PREVIOUS_SNAPSHOT');
    expect(world.recoveryInstances()[0]?.pointInTimeSnapshotDateTime).toBe('2026-03-01T08:00:00.000Z');
  });

  test('fails for a server that has no snapshot yet', () => {
    const world = drsWorld({
      timing: EXACT,
      sourceServers: [{ id: WEB, hostname: 'web-1', replication: 'INITIAL_SYNC' }],
    });
    const { jobID } = world.start([WEB]);
    world.pass(10);

    expect(world.job(jobID!)).toMatchObject({
      status: 'COMPLETED',
      participatingServers: [{ launchStatus: 'FAILED' }],
    });
    expect(world.events(jobID!)).toContain('SNAPSHOT_FAIL');
  });
});
