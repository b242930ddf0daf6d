import { describe, expect, test } from 'vitest';
import type { AwsTarget } from '#aws/aws.ts';
import type { DynamoDbCalls } from '#aws/services/dynamodb.ts';
import { BreakwaterError } from '#core/errors.ts';
import { OTHER, OWN, REGION, testEstate } from '../testing/estate.ts';
import type { Check, CheckStatus } from './check.ts';
import { functionChecks, machineChecks, partitionOf, tableChecks } from './control-account.ts';
import { quotaChecks } from './quotas.ts';
import { reachChecks } from './reach.ts';
import { accountChecks } from './target-accounts.ts';

const signal = new AbortController().signal;
const gone = async (): Promise<never> => {
  throw new BreakwaterError('AwsNotFound', 'not there');
};
const denied = async (): Promise<never> => {
  throw new BreakwaterError('AwsAccessDenied', 'dynamodb:DescribeTable is not allowed');
};

async function look(check: Check | undefined): Promise<[CheckStatus, string]> {
  const { status, found } = await check!.look(signal);
  return [status, found];
}

function control(parts: { target?: object; dynamoDb?: object; simulated?: boolean }) {
  return {
    target: { region: REGION, ...parts.target } as AwsTarget,
    dynamoDb: (parts.dynamoDb ?? {}) as DynamoDbCalls,
    tablePrefix: 'bw-',
    isSimulated: () => parts.simulated ?? false,
  };
}

describe('a table of the records', () => {
  const key = 'arn:aws:kms:eu-central-1:111122223333:key/k';
  const sound = {
    TableStatus: 'ACTIVE',
    DeletionProtectionEnabled: true,
    SSEDescription: { KMSMasterKeyArn: key },
  };
  const first = (table: object, recovery = 'ENABLED') =>
    tableChecks(
      control({
        dynamoDb: {
          describeTable: async () => ({ Table: table }),
          describeContinuousBackups: async () => ({
            ContinuousBackupsDescription: {
              PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: recovery },
            },
          }),
        },
      }),
    )[0];

  test('is looked at by its name with the prefix', () => {
    expect(tableChecks(control({})).map(({ name }) => name)).toEqual([
      'bw-protection-groups',
      'bw-recovery-plans',
      'bw-execution-history',
      'bw-target-accounts',
      'bw-execution-records',
      'bw-platform-records',
    ]);
  });

  test('is well when it is active, recoverable, protected and has a key', async () => {
    expect(await look(first(sound))).toEqual([
      'ok',
      `active, with point-in-time recovery, protected against deletion, key ${key}`,
    ]);
  });

  test('is a warning with all that it lacks', async () => {
    expect(await look(first({ TableStatus: 'ACTIVE' }, 'DISABLED'))).toEqual([
      'warning',
      'active, without point-in-time recovery, a key of your own, protection against deletion',
    ]);
  });

  test('has failed when it is not there or not active, and throws when it may not be looked at', async () => {
    expect(await look(first({ ...sound, TableStatus: 'DELETING' }))).toEqual([
      'failed',
      'its status is DELETING',
    ]);
    const [missing] = tableChecks(control({ dynamoDb: { describeTable: gone } }));
    expect(await look(missing)).toEqual(['failed', 'there is no such table']);
    const [hidden] = tableChecks(control({ dynamoDb: { describeTable: denied } }));
    await expect(look(hidden)).rejects.toThrow('is not allowed');
  });
});

test.each([
  { what: 'an active one', answer: { status: 'ACTIVE', type: 'STANDARD' }, found: ['ok', 'active'] },
  {
    what: 'one being deleted',
    answer: { status: 'DELETING', type: 'STANDARD' },
    found: ['failed', 'its status is DELETING'],
  },
  {
    what: 'an Express one',
    answer: { status: 'ACTIVE', type: 'EXPRESS' },
    found: ['failed', 'it is EXPRESS'],
  },
  { what: 'none', answer: null, found: ['failed', 'there is no such state machine'] },
])('a state machine is looked at by its ARN: $what', async ({ answer, found }) => {
  const asked: unknown[] = [];
  const describeStateMachine = async (input: unknown) => (asked.push(input), answer ?? gone());
  const where = control({ target: { stepFunctions: { describeStateMachine } } });
  const [recovery] = machineChecks(where, async () => OWN);
  expect(await look(recovery)).toEqual(found);
  expect(asked).toEqual([
    { stateMachineArn: 'arn:aws:states:eu-central-1:111122223333:stateMachine:breakwater-recovery' },
  ]);
});

test('the partition goes by the Region', () => {
  expect(['eu-central-1', 'cn-north-1', 'us-gov-west-1'].map(partitionOf)).toEqual([
    'aws',
    'aws-cn',
    'aws-us-gov',
  ]);
});

describe('a function', () => {
  const checks = (lambda: object, simulated = false) =>
    new Map(functionChecks(control({ target: { lambda }, simulated })).map((check) => [check.name, check]));
  const getFunctionConfiguration = async () => ({ State: 'Inactive', Runtime: 'nodejs24.x' });

  test('is one of eight, each with the aliases that it is called by', async () => {
    const asked: string[] = [];
    const getAlias = async ({ FunctionName, Name }: Record<string, string>) =>
      void asked.push(`${FunctionName}:${Name}`);
    for (const [, check] of checks({ getFunctionConfiguration, getAlias })) await look(check);
    expect(asked.filter((name) => !name.includes(':technology-'))).toEqual([
      'breakwater-wave-controller:validate-execution',
      'breakwater-wave-controller:validate-wave',
      'breakwater-wave-controller:validate-wave-completion',
      'breakwater-wave-controller:apply-decision',
      'breakwater-wave-controller:complete-wave',
      'breakwater-wave-controller:abort-wave',
      'breakwater-wave-controller:cleanup-execution',
      'breakwater-api:gateway',
      'breakwater-api:break-glass',
      'breakwater-api:trigger',
    ]);
    expect(asked.filter((name) => name.startsWith('breakwater-adapter-drs'))).toEqual([
      'breakwater-adapter-drs:technology-start',
      'breakwater-adapter-drs:technology-poll',
      'breakwater-adapter-drs:technology-fail',
    ]);
    expect([...checks({}).keys()]).toHaveLength(8);
  });

  test('has failed without an alias, when its update failed, and when it is not there', async () => {
    const api = (lambda: object, simulated?: boolean) =>
      look(checks(lambda, simulated).get('breakwater-api'));
    expect(await api({ getFunctionConfiguration, getAlias: gone })).toEqual([
      'failed',
      'it lacks the aliases gateway, break-glass, trigger',
    ]);
    const failedUpdate = async () => ({
      State: 'Active',
      LastUpdateStatus: 'Failed',
      LastUpdateStatusReason: 'no such key',
    });
    expect(await api({ getFunctionConfiguration: failedUpdate })).toEqual([
      'failed',
      'it is Active, its last update Failed: no such key',
    ]);
    expect(await api({ getFunctionConfiguration: gone })).toEqual(['failed', 'there is no such function']);
    expect(await api({ getFunctionConfiguration: gone }, true)).toEqual(['not_simulated', 'not simulated']);
  });
});

describe('quotas', () => {
  const lookAt = async (name: string, quotas: object[] | null, simulated = false) => {
    const listServiceQuotas = async () => quotas ?? gone();
    const target = { region: REGION, quotas: { listServiceQuotas } } as unknown as AwsTarget;
    return look(quotaChecks(target, () => simulated).find((check) => check.name.startsWith(name)));
  };

  test('of Lambda are a warning in an account that has few', async () => {
    const quota = { QuotaCode: 'L-B99A9384', QuotaName: 'Concurrent executions' };
    expect(await lookAt('Lambda', [{ ...quota, Value: 1_000 }])).toEqual(['ok', '1000 functions at once']);
    expect(await lookAt('Lambda', [{ ...quota, Value: 10 }])).toEqual(['warning', '10 functions at once']);
  });

  test('of DRS are told with what is not known, but for a simulated AWS, which has what it enforces', async () => {
    const perJob = { QuotaCode: 'L-B827C881', QuotaName: 'x', Value: 100 };
    const [status, words] = await lookAt('DRS', [perJob]);
    expect([status, words]).toEqual([
      'warning',
      '100 servers in a job, unknown jobs at once, unknown servers in all jobs, unknown source servers',
    ]);
    expect(await lookAt('DRS', [perJob], true)).toEqual(['ok', '100 servers in a job']);
  });

  test('that Service Quotas does not have are a warning, and not simulated on a simulated AWS', async () => {
    expect(await lookAt('Step Functions', null)).toEqual([
      'warning',
      'Service Quotas knows none of this service here',
    ]);
    expect(await lookAt('Step Functions', null, true)).toEqual(['not_simulated', 'not simulated']);
  });
});

describe('reach', () => {
  const NOON = Date.parse('2026-11-24T12:00:00Z');
  const checksAt = (now: number, fetch: () => Promise<Response>, environment = {}) =>
    reachChecks({ region: 'cn-north-1', environment, now: () => now, fetch });
  const answer = async (): Promise<Response> =>
    new Response('', { status: 403, headers: { date: 'Tue, 24 Nov 2026 12:00:00 GMT' } });

  test('any answer shows that an endpoint can be reached, each once', async () => {
    const checks = checksAt(NOON, answer);
    expect(checks.map(({ group, name }) => `${group} ${name}`)).toEqual([
      'reach sts',
      'reach dynamodb',
      'reach states',
      'reach lambda',
      'reach servicequotas',
      'reach drs',
      'clock against AWS',
    ]);
    expect(await look(checks[0])).toEqual(['ok', 'https://sts.cn-north-1.amazonaws.com.cn/ answers in 0 ms']);
    const elsewhere = checksAt(NOON, answer, {
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
      AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:8000',
    });
    expect(elsewhere.map(({ name }) => name)).toEqual([
      'sts, states, lambda, servicequotas, drs',
      'dynamodb',
      'against AWS',
    ]);
  });

  test('none is a failure with what the network said, for the clock as well', async () => {
    const down = async (): Promise<never> => {
      throw new TypeError('fetch failed', { cause: new Error('getaddrinfo ENOTFOUND') });
    };
    const said =
      'https://sts.cn-north-1.amazonaws.com.cn/ cannot be reached: fetch failed: getaddrinfo ENOTFOUND';
    const checks = checksAt(NOON, down);
    expect([await look(checks[0]), await look(checks.at(-1))]).toEqual([
      ['failed', said],
      ['failed', said],
    ]);
  });

  test.each([
    { seconds: 0, status: 'ok', words: '0.5 s behind' },
    { seconds: 120, status: 'warning', words: '119.5 s ahead of' },
    { seconds: -301, status: 'failed', words: '301.5 s behind' },
  ])('a clock that is $seconds s off is $status', async ({ seconds, status, words }) => {
    const [found, said] = await look(checksAt(NOON + seconds * 1_000, answer).at(-1));
    expect([found, said]).toEqual([status, expect.stringContaining(words)]);
  });

  test('an endpoint that does not say the time leaves the clock to be compared by hand', async () => {
    const silent = async (): Promise<Response> => new Response('');
    expect((await look(checksAt(NOON, silent).at(-1)))[0]).toBe('warning');
  });
});

describe('a target account', () => {
  const account = { accountId: OTHER, roleArn: `arn:aws:iam::${OTHER}:role/breakwater`, externalId: 'bw-1' };
  const looked = async (part: object, regions = [REGION]) => {
    const accounts = [{ ...account, regions, ...part }];
    const aws = testEstate(async () => accounts[0]!);
    const checks = accountChecks(aws, accounts, () => true);
    return Promise.all(
      checks.map(async (check) => [
        check.name,
        ...(await look(check).catch((error: Error) => ['thrown', error.message])),
      ]),
    );
  };

  test('is entered in each Region, and told what its role lacks, what replicates and what DRS allows', async () => {
    expect(await looked({})).toEqual([
      [
        `role and rights, ${REGION}`,
        'failed',
        'permissions:rds: the role may not rds:DescribeDBClusters, rds:DescribeDBInstances; permissions:route53: the role may not route53:ListHostedZones',
      ],
      [`replication, ${REGION}`, 'ok', '1 source servers: 1 CONTINUOUS'],
      [`quotas of DRS, ${REGION}`, 'ok', '100 servers in a job, 20 jobs at once, 500 servers in all jobs'],
    ]);
    const elsewhere = await looked({}, ['eu-west-1']);
    expect(elsewhere[0]).toEqual([
      'role and rights, eu-west-1',
      'failed',
      expect.stringMatching(/^drsInitialized: .*is not initialized/),
    ]);
  });

  test('with a wrong external id is told once, not for all that could not be tried', async () => {
    const [role] = await looked({ externalId: 'wrong' });
    expect(role).toEqual([
      `role and rights, ${REGION}`,
      'failed',
      expect.stringMatching(/^role: sts:AssumeRole/),
    ]);
    expect(role![2]).not.toContain('not tried');
  });

  test('of servers that lag behind is a warning that counts them', async () => {
    const aws = testEstate(async () => null);
    const [, replication] = accountChecks(
      aws,
      [{ accountId: OWN, roleArn: '', regions: [REGION] }],
      () => true,
    );
    expect(await look(replication)).toEqual(['warning', '2 source servers: 1 CONTINUOUS, 1 STALLED']);
  });
});
