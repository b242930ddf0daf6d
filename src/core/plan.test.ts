import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { Plan, ProtectionGroup, Region, Script } from './plan.ts';

const SPECIFICATION_PLAN = {
  waves: [
    {
      waveNumber: 1,
      name: 'Database Tier',
      technologies: [
        { type: 'database', operation: 'failover', resources: { clusters: ['aurora-prod-cluster'] } },
      ],
      pauseAfterWave: false,
      dependencies: [],
    },
  ],
};

/** `path: message` of each problem. */
function problemsOf(plan: unknown): string[] {
  return (Plan.safeParse(plan).error?.issues ?? []).map(
    (issue) => `${issue.path.join('.')}: ${issue.message}`,
  );
}

function planWith(technology: object): unknown {
  return {
    waves: [
      { waveNumber: 1, name: 'w', technologies: [{ type: 'drs', operation: 'recovery', ...technology }] },
    ],
  };
}

describe('Plan', () => {
  test('a plan that holds waves alone is a plan, and defaults are filled in', () => {
    const plan = Plan.parse(SPECIFICATION_PLAN);
    expect(plan.tags).toEqual({});
    expect(plan.waves[0]!.technologies[0]).toEqual({
      type: 'database',
      operation: 'failover',
      resources: { clusters: ['aurora-prod-cluster'] },
      parameters: {},
      criticality: 'critical',
      optionalResources: [],
      onFailure: 'pause',
      timeout: 'PT4H',
      retry: { maxAttempts: 0, interval: 'PT30S', backoffRate: 2 },
    });
  });

  test('the example plan is a plan', () => {
    const plan = Plan.parse(parse(readFileSync('examples/core-banking/plan.yaml', 'utf8')));
    expect(plan.waves.map(({ name }) => name)).toEqual([
      'Database Tier',
      'Application Tier',
      'Infrastructure',
    ]);
  });

  test('an unknown key is refused by name', () => {
    expect(problemsOf({ ...SPECIFICATION_PLAN, wavess: [] })).toEqual([': Unrecognized key: "wavess"']);
  });

  test('every problem deep inside is found at once, each with its path', () => {
    const plan = planWith({ timeout: '5 minutes', onFailure: 'ignore', accountId: 12, region: 'Ireland' });
    expect(problemsOf(plan).map((problem) => problem.split(':')[0])).toEqual([
      'waves.0.technologies.0.accountId',
      'waves.0.technologies.0.region',
      'waves.0.technologies.0.onFailure',
      'waves.0.technologies.0.timeout',
    ]);
  });

  test('a duration is refused with an example of a good one', () => {
    expect(problemsOf(planWith({ timeout: '5 minutes' }))).toEqual([
      'waves.0.technologies.0.timeout: "5 minutes" is not an ISO 8601 duration such as PT5M',
    ]);
  });

  test('a wave needs a technology, and a plan needs a wave', () => {
    expect(problemsOf({ waves: [] })).toEqual(['waves: a plan needs at least one wave']);
    expect(problemsOf({ waves: [{ waveNumber: 1, name: 'w', technologies: [] }] })).toEqual([
      'waves.0.technologies: a wave needs at least one technology',
    ]);
  });
});

describe('ProtectionGroup', () => {
  test('needs servers by id or by tags', () => {
    expect(ProtectionGroup.safeParse({ groupId: 'g' }).error?.issues[0]?.message).toBe(
      'a protection group needs sourceServerIds or tags',
    );
    expect(ProtectionGroup.safeParse({ groupId: 'g', tags: { Tier: 'app' } }).success).toBe(true);
    expect(
      ProtectionGroup.safeParse({ groupId: 'g', sourceServerIds: ['s-0123456789abcdef0'] }).success,
    ).toBe(true);
  });
});

describe('Script', () => {
  test('commands need a target', () => {
    const script = { type: 'commands', commands: ['true'], targets: { recovered: false } };
    expect(Script.safeParse(script).error?.issues[0]?.message).toBe(
      'a script needs targets: instanceIds, tags, protectionGroups or recovered',
    );
    expect(Script.safeParse({ ...script, targets: { recovered: true } }).success).toBe(true);
  });
});

describe('approval', () => {
  const withApproval = (approval: object) => ({ ...SPECIFICATION_PLAN, approval });

  test('needs to say only how many must agree', () => {
    expect(Plan.parse(withApproval({ required: 2 })).approval).toEqual({
      required: 2,
      roles: ['RecoveryManager', 'Admin'],
      expiresIn: 'PT24H',
      changeTicket: 'optional',
      modes: ['recovery'],
    });
  });

  test('can be asked for by a wave alone', () => {
    const waves = [
      { ...SPECIFICATION_PLAN.waves[0], approval: { required: 1, modes: ['drill', 'recovery'] } },
    ];
    expect(Plan.parse({ waves }).waves[0]!.approval).toMatchObject({
      required: 1,
      modes: ['drill', 'recovery'],
    });
  });

  test.each([
    { given: { required: 0 }, path: 'approval.required' },
    { given: { required: 11 }, path: 'approval.required' },
    { given: {}, path: 'approval.required' },
    { given: { required: 1, roles: [] }, path: 'approval.roles' },
    { given: { required: 1, roles: ['Operator'] }, path: 'approval.roles.0' },
    { given: { required: 1, expiresIn: 'PT59S' }, path: 'approval.expiresIn' },
    { given: { required: 1, modes: [] }, path: 'approval.modes' },
  ])('is refused for $path of $given', ({ given, path }) => {
    expect(problemsOf(withApproval(given)).map((problem) => problem.split(':')[0])).toEqual([path]);
  });

  test('a duration that is none is one problem, not two', () => {
    expect(problemsOf(withApproval({ required: 1, expiresIn: 'soon' }))).toEqual([
      'approval.expiresIn: "soon" is not an ISO 8601 duration such as PT5M',
    ]);
  });
});

test.each(['eu-west-1', 'us-gov-west-1', 'us-isob-east-1', 'eusc-de-east-1'])('%s is a Region', (region) => {
  expect(Region.parse(region)).toBe(region);
});

test.each(['', 'eu-west', 'EU-WEST-1', 'eu-west-1a', `eu-${'w'.repeat(60)}-1`, 'a-b-c-d-e-1'])(
  '%j is no Region',
  (region) => {
    expect(Region.safeParse(region).error?.issues[0]?.message).toBe(
      'expected an AWS Region such as eu-west-1',
    );
  },
);
