import { describe, expect, test } from 'vitest';
import { targets } from '#sim/services/elbv2/rows.ts';
import { ACCOUNT } from '../testing/operation-case.ts';
import { runOperation } from '../testing/run-operation.ts';
import { testOperation } from '../testing/test-operation.ts';
import { assessUse, rulesOf, useOf, type Use } from '../testing/try-operation.ts';
import { cases } from './target-registration.cases.ts';
import { targetRegistration } from './target-registration.ts';

testOperation(cases);

const use = (entry: object, group: object = {}, more: Partial<Use> = {}): Use => ({
  operation: targetRegistration,
  estate: {
    regions: {
      'us-west-2': {
        ec2: { instances: [{ id: 'i-0a' }, { id: 'i-0b' }, { id: 'i-0off', state: 'stopped' }] },
        elbv2: {
          targetGroups: [{ name: 'web', healthyThreshold: 3, ...group }, { name: 'unused' }],
          loadBalancers: [{ name: 'front', listeners: [{ port: 80, forward: 'web' }] }],
        },
      },
    },
  },
  resources: { targetGroups: [{ targetGroup: 'web', ...entry }] },
  ...more,
});

describe('the assessment', () => {
  test('names the target group, its lock, the calls, and how long health checks take', async () => {
    const given = use({ instances: ['i-0a'], deregisterOthers: true }, { targets: ['i-0b'] });
    expect(await assessUse(given)).toMatchObject({
      findings: [],
      resources: [
        {
          resourceId: 'web',
          description: 'target group web: 1 targets to register, 1 to take out',
          lock: 'elbv2:111122223333:us-west-2:targetgroup/web',
        },
      ],
      calls: [
        { iamAction: 'elasticloadbalancing:RegisterTargets', count: 1 },
        { iamAction: 'elasticloadbalancing:DeregisterTargets', count: 1 },
      ],
      estimatedMs: 90_000,
    });
  });

  test.each<{ name: string; given: Use; rules: string[] }>([
    {
      name: 'a target group that does not exist',
      given: use({ targetGroup: 'nope', instances: ['i-0a'] }),
      rules: ['error ResourceUnresolved'],
    },
    {
      name: 'a target group behind no listener',
      given: use({ targetGroup: 'unused', instances: ['i-0a'] }),
      rules: ['error TargetGroupUnused'],
    },
    {
      name: 'a target group for addresses',
      given: use({ instances: ['i-0a'] }, { type: 'ip' }),
      rules: ['error TargetTypeUnfit'],
    },
    {
      name: 'that nothing was recovered',
      given: use({ recovered: true }),
      rules: ['error ResourceUnresolved'],
    },
    {
      name: 'while planning, that an earlier wave is to recover the servers',
      given: use({ recovered: true }, {}, { context: { planning: true } }),
      rules: ['info TargetsLater'],
    },
  ])('finds $name', async ({ given, rules }) => {
    expect(rulesOf(await assessUse(given))).toEqual(rules.map((rule) => `${rule} resources.targetGroups[0]`));
  });
});

describe('a run', () => {
  const rowsOf = (world: Parameters<typeof targets>[0]['world']) =>
    targets({ world, accountId: ACCOUNT, region: 'us-west-2' }, 'web').all();

  test('registers on the port that is given, and records what it added', async () => {
    const run = await runOperation(useOf(use({ instances: ['i-0a'], port: 8_080 }, { targets: ['i-0b'] })));
    expect(run).toMatchObject({
      status: 'completed',
      results: { targetGroups: [{ id: 'web', added: [{ id: 'i-0a', port: 8_080 }], removed: [] }] },
    });
    expect(rowsOf(run.simulation.world).map(({ id, port, drainedAt }) => [id, port, drainedAt])).toEqual([
      ['i-0b', 80, null],
      ['i-0a', 8_080, null],
    ]);
  });

  test('registers nothing again that is registered', async () => {
    const run = await runOperation(useOf(use({ instances: ['i-0a'] }, { targets: ['i-0a'] })));
    expect(run.status).toBe('completed');
    expect(run.simulation.stats.effects()).toBe(0);
  });

  test('says why targets did not become healthy, and leaves the others in', async () => {
    const given = use(
      { instances: ['i-0a'], deregisterOthers: true },
      { targets: ['i-0b'], unhealthyTargets: ['i-0a'] },
      { parameters: { healthTimeout: 'PT5M' } },
    );
    const run = await runOperation(useOf(given));
    expect(run.outcomes).toMatchObject([
      {
        status: 'failed',
        error: {
          code: 'TargetsUnhealthy',
          message:
            '1 targets are not healthy after PT5M: i-0a unhealthy (Target.FailedHealthChecks: Health checks failed)',
        },
      },
    ]);
    expect(run.simulation.stats.effects({ operation: 'DeregisterTargets' })).toBe(0);
  });

  test('does not wait for health checks that nobody makes', async () => {
    const run = await runOperation(useOf(use({ targetGroup: 'unused', instances: ['i-0a'] })));
    expect(run.status).toBe('failed');
    expect(run.elapsedMs).toBeLessThan(60_000);
    expect(run.outcomes[0]!.error!.message).toMatch(/^no listener sends traffic to the target group/);
  });

  test('fails when an instance is not running', async () => {
    const run = await runOperation(useOf(use({ instances: ['i-0a', 'i-0off'] })));
    expect(run).toMatchObject({
      status: 'failed',
      outcomes: [{ error: { code: 'elbv2:InvalidTargetException' } }],
    });
  });
});
