import { describe, expect, test } from 'vitest';
import type { OperationContext } from '../contract.ts';
import { recovery } from './recovery.ts';
import { contextIn, openWorld, runToEnd, type DrsWorld } from './testing.ts';

const APP = { Tier: 'app' };

function assess(
  world: DrsWorld,
  given: { resources: object; parameters?: object },
  overrides: Partial<OperationContext> = {},
) {
  const input = {
    resources: recovery.resources.parse(given.resources),
    parameters: recovery.parameters.parse(given.parameters ?? {}),
  };
  return recovery.assess(contextIn(world, overrides), input);
}

describe('the assessment of a recovery', () => {
  test('lists servers, calls, quotas and time, and changes nothing', async () => {
    const world = openWorld({ generate: { count: 120, tags: APP }, quotas: { serversInJobs: 100 } });
    const assessment = await assess(world, { resources: { tags: APP } });
    expect(assessment.findings).toEqual([]);
    expect(assessment.resources).toHaveLength(120);
    expect(assessment.resources[0]).toEqual({
      resourceId: expect.stringMatching(/^s-/),
      name: expect.stringMatching(/^server-\d+$/),
      description: expect.stringMatching(/^server-/),
      lock: expect.stringMatching(/^drs\/s-/),
    });
    expect(assessment.calls.map(({ iamAction, count }) => [iamAction, count])).toEqual([
      ['drs:StartRecovery', 2],
      ['drs:DescribeJobs', 50],
    ]);
    expect(assessment.quotas.map(({ code, limit, used, needed }) => ({ code, limit, used, needed }))).toEqual(
      [
        { code: 'L-B827C881', limit: 100, used: 0, needed: 60 },
        { code: 'L-D88FAC3A', limit: 20, used: 0, needed: 2 },
        { code: 'L-05AFA8C6', limit: 100, used: 0, needed: 120 },
      ],
    );
    expect(assessment.estimatedMs).toBe(2 * 536_000);
    expect(world.simulation.stats.effects({})).toBe(0);
  });

  test.each([
    { state: 'CONTINUOUS', drill: [], recovery: [] },
    { state: 'INITIAL_SYNC', drill: ['error'], recovery: ['error'] },
    { state: 'DISCONNECTED', drill: ['error'], recovery: ['error'] },
    { state: 'STALLED', drill: ['error'], recovery: ['warning'] },
    { state: 'PAUSED', drill: ['warning'], recovery: ['warning'] },
    { state: 'BACKLOG', drill: ['warning'], recovery: ['warning'] },
  ])(
    'judges a server whose replication is $state, in a drill and in a recovery',
    async ({ state, ...levels }) => {
      const world = openWorld({ sourceServers: [{ hostname: 'a', tags: APP, replication: state }] });
      for (const mode of ['drill', 'recovery'] as const) {
        const { findings } = await assess(world, { resources: { tags: APP } }, { mode });
        expect(findings.map(({ level }) => level)).toEqual(levels[mode]);
      }
    },
  );

  test('refuses a server that lags more than the plan allows', async () => {
    const replication = { state: 'BACKLOG', lagSeconds: 1_200 };
    const world = openWorld({ sourceServers: [{ hostname: 'a', tags: APP, replication }] });
    const { findings } = await assess(world, { resources: { tags: APP }, parameters: { maxLag: 'PT15M' } });
    expect(findings.map(({ level, rule }) => [level, rule])).toEqual([
      ['warning', 'ReplicationUnhealthy'],
      ['error', 'ReplicationLagTooHigh'],
    ]);
  });

  test('names each reference that resolves to nothing, with its path', async () => {
    const world = openWorld({ generate: { count: 1, tags: APP } });
    const resources = { protectionGroups: ['pg-none'], sourceServerIds: ['s-0000000000000dead'] };
    const { findings } = await assess(world, { resources });
    expect(findings.map(({ rule, path, value }) => [rule, path, value])).toEqual([
      ['ResourceUnresolved', 'resources.protectionGroups[0]', 'pg-none'],
      ['ResourceUnresolved', 'resources.sourceServerIds[0]', 's-0000000000000dead'],
    ]);
  });

  test('warns of servers that another job holds, and of instances that a launch would replace', async () => {
    const id = 's-00000000000000001';
    const world = openWorld({ sourceServers: [{ id, hostname: 'a', tags: APP }] });
    const { drs } = contextIn(world).aws.for({});
    await drs.startRecovery({ sourceServers: [{ sourceServerID: id }], isDrill: true });
    const busy = await assess(world, { resources: { tags: APP } });
    expect(busy.findings.map(({ level, rule }) => [level, rule])).toEqual([['warning', 'ServerBusy']]);
    await world.clock.sleep(3_600_000);
    const relaunch = await assess(world, { resources: { tags: APP } });
    expect(relaunch.findings.map(({ level, rule }) => [level, rule])).toEqual([
      ['warning', 'RecoveryInstanceExists'],
    ]);
    const allowed = await assess(world, { resources: { tags: APP }, parameters: { allowRelaunch: true } });
    expect(allowed.findings).toEqual([]);
  });

  test('refuses to replace what a recovery has launched, unless it may', async () => {
    const world = openWorld({ generate: { count: 1, tags: APP } });
    await runToEnd(world, recovery, { resources: { tags: APP } }, { mode: 'recovery' });
    const { findings } = await assess(world, { resources: { tags: APP } }, { mode: 'recovery' });
    expect(findings.map(({ level, rule }) => [level, rule])).toEqual([['error', 'RecoveryInstanceExists']]);
  });

  test('assumes the published quotas where it may not read them, and says so', async () => {
    const world = openWorld({ generate: { count: 1, tags: APP } }, { denies: ['servicequotas:*'] });
    const { findings, quotas } = await assess(world, { resources: { tags: APP } });
    expect(findings.map(({ level, rule }) => [level, rule])).toEqual([['info', 'QuotasUnread']]);
    expect(quotas.map(({ limit }) => limit)).toEqual([100, 20, 500]);
  });
});

describe('the schema of a recovery', () => {
  test.each([
    { name: 'nothing that selects servers', resources: {} },
    { name: 'an id that is none', resources: { sourceServerIds: ['i-0aaaaaaaaaaaaaaaa'] } },
    { name: 'an unknown member', resources: { tags: APP, servers: [] } },
  ])('refuses $name', ({ resources }) => {
    expect(recovery.resources.safeParse(resources).success).toBe(false);
  });

  test('takes the resources of the specification', () => {
    const resources = { recoveryPlanId: 'plan-app-tier', protectionGroups: ['pg-app-servers'] };
    expect(recovery.resources.safeParse(resources).success).toBe(true);
    expect(recovery.parameters.safeParse({ lag: 'PT1M' }).success).toBe(false);
  });
});
