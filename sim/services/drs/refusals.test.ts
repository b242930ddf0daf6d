import { describe, expect, test } from 'vitest';
import { drsWorld, EXACT } from './testing.ts';

const WEB = 's-1111111111111111a';
const DATA = 's-2222222222222222b';
const TWO_SERVERS = {
  timing: EXACT,
  sourceServers: [
    { id: WEB, hostname: 'web-1' },
    { id: DATA, hostname: 'data-1' },
  ],
};

describe('StartRecovery refuses', () => {
  const busy =
    'One or more of the Source Servers included in API call are currently being processed by a Job';

  test('a server that is in an active job, with the text of AWS, and changes nothing', () => {
    const world = drsWorld(TWO_SERVERS);
    world.start([WEB]);

    const error = world.refused('StartRecovery', {
      sourceServers: [{ sourceServerID: DATA }, { sourceServerID: WEB }],
    });

    expect([error.code, error.message]).toEqual(['ConflictException', busy]);
    expect(world.start([DATA]).status).toBe('PENDING');
  });

  test('a server whose recovery instance is being terminated', () => {
    const world = drsWorld(TWO_SERVERS);
    world.start([WEB]);
    world.pass(600);
    world.invoke('TerminateRecoveryInstances', {
      recoveryInstanceIDs: [world.recoveryInstances()[0]!.recoveryInstanceID],
    });

    expect(world.refused('StartRecovery', { sourceServers: [{ sourceServerID: WEB }] }).message).toBe(busy);
    world.pass(610);
    expect(world.start([WEB]).status).toBe('PENDING');
  });

  test.each([
    { quota: { serversPerJob: 2 }, started: 0, servers: 3, code: 'L-B827C881' },
    { quota: { jobs: 2 }, started: 2, servers: 1, code: 'L-D88FAC3A' },
    { quota: { serversInJobs: 2 }, started: 2, servers: 1, code: 'L-05AFA8C6' },
  ])('more than the quota $code allows', ({ quota, started, servers, code }) => {
    const world = drsWorld({ quotas: quota, generate: { count: 5 } });
    const ids = world.serverIds();
    for (const id of ids.slice(0, started)) world.start([id]);

    const sourceServers = ids.slice(started, started + servers).map((sourceServerID) => ({ sourceServerID }));
    const error = world.refused('StartRecovery', { sourceServers });

    expect(error.code).toBe('ServiceQuotaExceededException');
    expect(error.members).toEqual({ quotaCode: code, serviceCode: 'drs' });
  });

  test('nothing any more as soon as the active jobs have ended', () => {
    const world = drsWorld({ timing: EXACT, quotas: { jobs: 1 }, generate: { count: 2 } });
    const [first, second] = world.serverIds();
    world.start([first!]);
    world.pass(536);

    expect(world.start([second!]).status).toBe('PENDING');
  });

  test.each([
    {
      name: 'an unknown server',
      sourceServers: [{ sourceServerID: 's-0000000000000000f' }],
      code: 'ResourceNotFoundException',
    },
    {
      name: 'what is no id of a server',
      sourceServers: [{ sourceServerID: 'i-1234' }],
      code: 'ValidationException',
    },
    { name: 'no servers', sourceServers: [], code: 'ValidationException' },
    {
      name: 'a server twice',
      sourceServers: [{ sourceServerID: WEB }, { sourceServerID: WEB }],
      code: 'ValidationException',
    },
    {
      name: 'an EBS snapshot',
      sourceServers: [{ sourceServerID: WEB, recoverySnapshotID: 'snap-0123456789abcdef0' }],
      code: 'ValidationException',
    },
    {
      name: 'a snapshot that does not exist',
      sourceServers: [{ sourceServerID: WEB, recoverySnapshotID: 'pit-0123456789abcdef0' }],
      code: 'ValidationException',
    },
  ])('$name', ({ sourceServers, code }) => {
    expect(drsWorld(TWO_SERVERS).refused('StartRecovery', { sourceServers }).code).toBe(code);
  });

  test('everything in a Region that is not initialized', () => {
    const world = drsWorld({ initialized: false, generate: { count: 1 } });
    expect(world.refused('DescribeSourceServers').code).toBe('UninitializedAccountException');

    world.invoke('InitializeService');
    expect(world.serverIds()).toHaveLength(1);
    expect(world.refused('DescribeJobs', {}, { region: 'eu-west-2' }).code).toBe(
      'UninitializedAccountException',
    );
  });
});
