import { describe, expect, test } from 'vitest';
import { drsWorld, EXACT } from './testing.ts';

const WEB = 's-1111111111111111a';

describe('source servers', () => {
  test('come in pages, in order, each once', () => {
    const world = drsWorld({ generate: { count: 5, hostnamePrefix: 'app-', tags: { Tier: 'app' } } });
    const names: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = world.invoke<{
        items: { sourceProperties: { identificationHints: { hostname: string } } }[];
        nextToken?: string;
      }>('DescribeSourceServers', { maxResults: 2, nextToken });
      names.push(...page.items.map(({ sourceProperties }) => sourceProperties.identificationHints.hostname));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);

    expect(names).toEqual(['app-1', 'app-2', 'app-3', 'app-4', 'app-5']);
  });

  test('say how replication stands: no lag, or a lag that grows until it heals', () => {
    const world = drsWorld({
      sourceServers: [
        {
          id: WEB,
          hostname: 'web-1',
          replication: { state: 'STALLED', lagSeconds: 3600, healsAfterSeconds: 900 },
        },
        { id: 's-2222222222222222b', hostname: 'web-2' },
      ],
    });
    const info = (id: string) => world.server(id).dataReplicationInfo;

    expect(info('s-2222222222222222b')).toMatchObject({
      dataReplicationState: 'CONTINUOUS',
      lagDuration: 'P0D',
    });
    world.pass(300);
    expect(info(WEB)).toMatchObject({
      dataReplicationState: 'STALLED',
      lagDuration: 'PT1H5M',
      dataReplicationError: { error: 'NOT_CONVERGING' },
    });
    world.pass(600);
    expect(info(WEB)).toMatchObject({ dataReplicationState: 'CONTINUOUS', lagDuration: 'P0D' });
  });

  test('stall in the middle of things when the scenario says so', () => {
    const world = drsWorld({
      sourceServers: [{ id: WEB, hostname: 'web-1', replication: { stallsAfterSeconds: 600 } }],
    });
    const state = () => world.server(WEB).dataReplicationInfo;

    world.pass(599);
    expect(state()).toMatchObject({ dataReplicationState: 'CONTINUOUS', lagDuration: 'P0D' });
    world.pass(61);
    expect(state()).toMatchObject({ dataReplicationState: 'STALLED', lagDuration: 'PT1M' });
  });

  test('say where they come from', () => {
    const world = drsWorld({
      sourceServers: [
        { id: WEB, hostname: 'web-1', instanceId: 'i-0aaaaaaaaaaaaaaaa', originRegion: 'eu-central-1' },
      ],
    });

    expect(world.server(WEB)).toMatchObject({
      sourceCloudProperties: {
        originAccountID: '111122223333',
        originRegion: 'eu-central-1',
        originAvailabilityZone: 'eu-central-1a',
      },
      sourceProperties: { identificationHints: { awsInstanceID: 'i-0aaaaaaaaaaaaaaaa' } },
    });
  });

  test('can be removed once disconnected, and be disconnected once without recovery instance', () => {
    const world = drsWorld({ timing: EXACT, sourceServers: [{ id: WEB, hostname: 'web-1' }] });
    world.start([WEB]);
    world.pass(600);
    expect(world.refused('DisconnectSourceServer', { sourceServerID: WEB }).code).toBe('ConflictException');
    world.invoke('TerminateRecoveryInstances', {
      recoveryInstanceIDs: [world.server(WEB).recoveryInstanceId],
    });
    world.pass(610);
    expect(world.refused('DeleteSourceServer', { sourceServerID: WEB }).code).toBe('ConflictException');

    world.invoke('DisconnectSourceServer', { sourceServerID: WEB });
    expect(world.server(WEB).dataReplicationInfo?.dataReplicationState).toBe('DISCONNECTED');
    world.invoke('DeleteSourceServer', { sourceServerID: WEB });
    expect(world.serverIds()).toEqual([]);
  });

  test('can be taken out of protection, losing their snapshots, and synchronise anew afterwards', () => {
    const world = drsWorld({ sourceServers: [{ id: WEB, hostname: 'web-1' }] });
    const snapshots = (): unknown[] =>
      world.invoke<{ items: unknown[] }>('DescribeRecoverySnapshots', { sourceServerID: WEB }).items;

    world.invoke('StopReplication', { sourceServerID: WEB });
    expect(world.server(WEB).dataReplicationInfo?.dataReplicationState).toBe('STOPPED');
    expect(snapshots()).toEqual([]);
    world.invoke('StartReplication', { sourceServerID: WEB });
    expect(world.server(WEB).dataReplicationInfo?.dataReplicationState).toBe('INITIAL_SYNC');
    world.pass(5 * 3600);
    expect(world.server(WEB).dataReplicationInfo?.dataReplicationState).toBe('CONTINUOUS');
    expect(snapshots().length).toBeGreaterThan(0);
  });
});

describe('recovery snapshots', () => {
  const section = { timing: EXACT, sourceServers: [{ id: WEB, hostname: 'web-1' }] };
  interface Snapshots {
    items: { snapshotID: string; timestamp: string }[];
  }

  test('exist every 10 minutes for an hour, hourly for a day and daily for a week', () => {
    const world = drsWorld(section);
    const { items } = world.invoke<Snapshots>('DescribeRecoverySnapshots', {
      sourceServerID: WEB,
      order: 'DESC',
    });

    expect(items.slice(0, 3).map(({ timestamp }) => timestamp)).toEqual([
      '2026-03-01T10:00:00.000Z',
      '2026-03-01T09:50:00.000Z',
      '2026-03-01T09:40:00.000Z',
    ]);
    expect(items.at(-1)?.timestamp).toBe('2026-02-23T00:00:00.000Z');
    expect(items).toHaveLength(7 + 23 + 6);
  });

  test('can be chosen for a launch, which then is at that point in time', () => {
    const world = drsWorld(section);
    const { items } = world.invoke<Snapshots>('DescribeRecoverySnapshots', { sourceServerID: WEB });
    const chosen = items.find(({ timestamp }) => timestamp === '2026-03-01T09:30:00.000Z')!;
    world.pass(60);
    world.invoke('StartRecovery', {
      sourceServers: [{ sourceServerID: WEB, recoverySnapshotID: chosen.snapshotID }],
    });
    world.pass(600);

    expect(world.recoveryInstances()[0]).toMatchObject({
      isDrill: false,
      pointInTimeSnapshotDateTime: '2026-03-01T09:30:00.000Z',
    });
  });
});
