import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { virtualClock } from '#clocks/virtual.ts';
import { createSimulation, parseScenario, type Simulation } from './index.ts';

const SCENARIO = parseScenario({
  name: 'aws-cli',
  startsAt: '2026-03-01T10:00:00Z',
  accounts: [
    {
      accountId: '111111111111',
      regions: {
        'us-west-2': {
          drs: {
            sourceServers: [
              { id: 's-11111111111111111', hostname: 'app-01', tags: { Application: 'core' } },
              { id: 's-22222222222222222', hostname: 'app-02', tags: { Application: 'core' } },
            ],
          },
          ec2: {
            instances: [{ id: 'i-web01', name: 'web-01', privateIp: '10.0.0.21', tags: { Tier: 'web' } }],
          },
          rds: { clusters: [{ id: 'core-db', tags: { Application: 'core' } }] },
          ssm: { scripts: [{ match: 'uptime', stdout: 'up 3 days' }] },
          lambda: { functions: [{ name: 'switch', response: { switched: true } }] },
          sns: { topics: [{ name: 'dr-notices' }] },
          events: { buses: [{ name: 'dr-events' }] },
          elbv2: { targetGroups: [{ name: 'web' }] },
        },
      },
      route53: {
        zones: [
          {
            id: 'Z111',
            name: 'bank.example',
            records: [{ name: 'www.bank.example', type: 'A', values: ['10.0.0.1'] }],
          },
        ],
      },
    },
    { accountId: '222222222222', roles: [{ name: 'Recovery', externalId: 'breakwater', denies: ['drs:*'] }] },
  ],
});

const version = cliVersion();
const clock = virtualClock({ startsAt: SCENARIO.startsAt });
let simulation: Simulation;
let url: string;
let directory: string;

/** `null` where there is no AWS CLI: then there is nothing to test. */
function cliVersion(): number | null {
  try {
    return Number(/aws-cli\/(\d+)/.exec(execFileSync('aws', ['--version'], { encoding: 'utf8' }))?.[1]);
  } catch {
    return null;
  }
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'aws-cli-'));
  simulation = createSimulation({ scenario: SCENARIO, clock });
  url = (await simulation.listen()).url;
});

afterAll(async () => {
  await simulation.close();
  rmSync(directory, { recursive: true });
});

const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'AKIASIMU111111111111',
  AWS_SECRET_ACCESS_KEY: 'secret-of-111111111111',
};

/** Runs the AWS CLI. Resolves with its JSON output, rejects with what it says of the error. */
function aws(
  command: string,
  { args = [], env = {} }: { args?: string[]; env?: Record<string, string> } = {},
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    execFile(
      'aws',
      ['--endpoint-url', url, '--output', 'json', ...command.split(' '), ...args],
      { env: environment(env), encoding: 'utf8' },
      (error, stdout, stderr) => {
        if (error !== null) reject(new Error(stderr.trim()));
        else resolve(stdout.trim() === '' ? null : JSON.parse(stdout));
      },
    );
  });
}

/** Nothing of the machine's own AWS settings. */
function environment(additions: Record<string, string>): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
  return {
    ...Object.fromEntries(own),
    ...CREDENTIALS,
    AWS_DEFAULT_REGION: 'us-west-2',
    AWS_CONFIG_FILE: join(directory, 'none'),
    AWS_SHARED_CREDENTIALS_FILE: join(directory, 'none'),
    AWS_MAX_ATTEMPTS: '1',
    AWS_PAGER: '',
    AWS_EC2_METADATA_DISABLED: 'true',
    ...additions,
  };
}

const pass = (minutes: number): Promise<void> => clock.sleep(minutes * 60_000);

/** Each command starts a Python of its own. */
const PATIENCE = { timeout: 120_000 };

describe.skipIf(version === null)('the AWS CLI', PATIENCE, () => {
  test('finds servers in DRS, drills them and sees the instances in EC2', async () => {
    expect(
      await aws('drs describe-source-servers --query items[].sourceProperties.identificationHints.hostname'),
    ).toEqual(['app-01', 'app-02']);
    const jobId = await aws(
      'drs start-recovery --is-drill --source-servers sourceServerID=s-11111111111111111 sourceServerID=s-22222222222222222 --query job.jobID',
    );
    expect(jobId).toMatch(/^drsjob-[0-9a-f]{17}$/);
    await pass(60);
    expect(
      await aws(
        `drs describe-jobs --filters jobIDs=${String(jobId)} --query items[0].[status,participatingServers[].launchStatus]`,
      ),
    ).toEqual(['COMPLETED', ['LAUNCHED', 'LAUNCHED']]);
    const ids = (await aws('drs describe-recovery-instances --query items[].ec2InstanceID')) as string[];
    expect(ids).toHaveLength(2);
    expect(
      await aws('ec2 describe-instances --query Reservations[].Instances[].State.Name', {
        args: ['--instance-ids', ...ids],
      }),
    ).toEqual(['running', 'running']);
    await aws(
      'drs tag-resource --tags Owner=bank --resource-arn arn:aws:drs:us-west-2:111111111111:source-server/s-11111111111111111',
    );
    expect(
      await aws(
        'drs list-tags-for-resource --resource-arn arn:aws:drs:us-west-2:111111111111:source-server/s-11111111111111111',
      ),
    ).toEqual({ tags: { Application: 'core', Owner: 'bank' } });
  });

  test('stops, starts and tags instances in EC2', async () => {
    expect(
      await aws('ec2 stop-instances --instance-ids i-web01 --query StoppingInstances[0].CurrentState.Name'),
    ).toBe('stopping');
    await pass(10);
    expect(
      await aws('ec2 start-instances --instance-ids i-web01 --query StartingInstances[0].PreviousState.Name'),
    ).toBe('stopped');
    await pass(10);
    await aws('ec2 create-tags --resources i-web01 --tags Key=Wave,Value=2');
    expect(
      await aws(
        'ec2 describe-instances --filters Name=tag:Wave,Values=2 --query Reservations[].Instances[].InstanceId',
      ),
    ).toEqual(['i-web01']);
    expect(
      await aws(
        'ec2 describe-instance-status --instance-ids i-web01 --query InstanceStatuses[0].InstanceStatus.Status',
      ),
    ).toBe('ok');
    await expect(aws('ec2 stop-instances --instance-ids i-none')).rejects.toThrow('InvalidInstanceID');
  });

  test('fails a database over in RDS', async () => {
    const writer = () =>
      aws('rds describe-db-clusters --db-cluster-identifier core-db', {
        args: [
          '--query',
          'DBClusters[0].[Status,DBClusterMembers[?IsClusterWriter].DBInstanceIdentifier|[0]]',
        ],
      });
    expect(await writer()).toEqual(['available', 'core-db-instance-1']);
    await aws(
      'rds failover-db-cluster --db-cluster-identifier core-db --target-db-instance-identifier core-db-instance-2',
    );
    await pass(5);
    expect(await writer()).toEqual(['available', 'core-db-instance-2']);
    await expect(aws('rds failover-db-cluster --db-cluster-identifier none')).rejects.toThrow(
      '(DBClusterNotFoundFault)',
    );
  });

  test('runs a command by SSM and reads its output', async () => {
    const commandId = await aws(
      'ssm send-command --document-name AWS-RunShellScript --instance-ids i-web01 --query Command.CommandId',
      {
        args: ['--parameters', '{"commands":["uptime"]}'],
      },
    );
    await pass(5);
    expect(
      await aws(
        `ssm get-command-invocation --command-id ${String(commandId)} --instance-id i-web01 --query [Status,StandardOutputContent]`,
      ),
    ).toEqual(['Success', expect.stringContaining('up 3 days')]);
    await expect(
      aws(
        'ssm get-command-invocation --command-id 11111111-1111-1111-1111-111111111111 --instance-id i-web01',
      ),
    ).rejects.toThrow('(InvocationDoesNotExist)');
  });

  test('invokes a function in Lambda', async () => {
    const file = join(directory, 'answer.json');
    const raw = version === 2 ? ['--cli-binary-format', 'raw-in-base64-out'] : [];

    const result = await aws('lambda invoke --function-name switch', {
      args: [...raw, '--payload', '{"to":"west"}', file],
    });

    expect(result).toMatchObject({ StatusCode: 200 });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ switched: true });
    await expect(aws('lambda invoke --function-name none', { args: [file] })).rejects.toThrow(
      '(ResourceNotFoundException)',
    );
  });

  test('publishes in SNS and puts events in EventBridge', async () => {
    const topic = String(await aws('sns list-topics --query Topics[0].TopicArn'));
    expect(topic).toBe('arn:aws:sns:us-west-2:111111111111:dr-notices');
    expect(await aws('sns create-topic --name more --query TopicArn')).toBe(
      topic.replace('dr-notices', 'more'),
    );
    const publish = 'sns publish --message done --query MessageId --topic-arn';
    expect(await aws(`${publish} ${topic}`)).toMatch(/^[0-9a-f-]{36}$/);
    await expect(aws(`${publish} ${topic}-none`)).rejects.toThrow('(NotFound)');
    const attribute = (type: string, value: string): string[] => [
      '--message-attributes',
      JSON.stringify({ wave: { DataType: type, StringValue: value } }),
    ];
    expect(await aws(`${publish} ${topic}`, { args: attribute('Number', '1') })).toMatch(/^[0-9a-f-]{36}$/);
    await expect(aws(`${publish} ${topic}`, { args: attribute('Number', 'one') })).rejects.toThrow(
      '(ParameterValueInvalid)',
    );
    expect(await aws(`sns get-topic-attributes --query Attributes.Owner --topic-arn ${topic}`)).toBe(
      '111111111111',
    );

    const entry = { Source: 'bank', DetailType: 'x', Detail: '{}', EventBusName: 'dr-events' };
    const put = (entries: object[]): Promise<unknown> =>
      aws('events put-events --query [FailedEntryCount,Entries[].ErrorCode]', {
        args: ['--entries', JSON.stringify(entries)],
      });
    expect(await put([entry, { ...entry, Detail: 'none' }])).toEqual([1, ['MalformedDetail']]);
    expect(await put([{ ...entry, EventBusName: 'none' }])).toEqual([0, []]);
    await expect(put(Array.from({ length: 11 }, () => entry))).rejects.toThrow('(ValidationException)');
    expect(await aws('events list-event-buses --query EventBuses[].Name')).toEqual(['default', 'dr-events']);
    expect(await aws('events describe-event-bus --name dr-events --query Arn')).toBe(
      'arn:aws:events:us-west-2:111111111111:event-bus/dr-events',
    );
    await expect(aws('events describe-event-bus --name none')).rejects.toThrow('(ResourceNotFoundException)');
  });

  test('is refused in a Region that does not exist', async () => {
    const nowhere = (command: string): Promise<unknown> => aws(command, { args: ['--region', 'us-moon-1'] });
    await expect(nowhere('rds describe-db-clusters')).rejects.toThrow('(InvalidClientTokenId)');
    await expect(nowhere('ec2 describe-instances')).rejects.toThrow('(AuthFailure)');
    await expect(nowhere('drs describe-source-servers')).rejects.toThrow('(UnrecognizedClientException)');
  });

  test('moves a record in Route 53 and waits for it', async () => {
    const batch = {
      Changes: [
        {
          Action: 'UPSERT',
          ResourceRecordSet: {
            Name: 'www.bank.example',
            Type: 'A',
            TTL: 60,
            ResourceRecords: [{ Value: '10.9.0.1' }],
          },
        },
      ],
    };
    const [id, status] = (await aws(
      'route53 change-resource-record-sets --hosted-zone-id Z111 --query ChangeInfo.[Id,Status]',
      {
        args: ['--change-batch', JSON.stringify(batch)],
      },
    )) as [string, string];
    expect(status).toBe('PENDING');
    await pass(5);
    expect(await aws(`route53 get-change --id ${id} --query ChangeInfo.Status`)).toBe('INSYNC');
    expect(
      await aws('route53 list-resource-record-sets --hosted-zone-id Z111', {
        args: ['--query', "ResourceRecordSets[?Type=='A'].ResourceRecords[0].Value"],
      }),
    ).toEqual(['10.9.0.1']);
    await expect(aws('route53 get-hosted-zone --id Z999')).rejects.toThrow('(NoSuchHostedZone)');
  });

  test('registers a target in Elastic Load Balancing', async () => {
    const arn = String(
      await aws('elbv2 describe-target-groups --names web --query TargetGroups[0].TargetGroupArn'),
    );
    await aws(`elbv2 register-targets --target-group-arn ${arn} --targets Id=i-web01,Port=80`);
    expect(
      await aws(
        `elbv2 describe-target-health --target-group-arn ${arn} --query TargetHealthDescriptions[].Target.Id`,
      ),
    ).toEqual(['i-web01']);
    await expect(aws('elbv2 describe-target-groups --names none')).rejects.toThrow('(TargetGroupNotFound)');
  });

  test('finds resources by their tags, of every service', async () => {
    const arns = await aws(
      'resourcegroupstaggingapi get-resources --tag-filters Key=Application,Values=core',
      {
        args: ['--query', 'ResourceTagMappingList[].ResourceARN'],
      },
    );
    expect(arns).toEqual(
      expect.arrayContaining([
        'arn:aws:drs:us-west-2:111111111111:source-server/s-11111111111111111',
        'arn:aws:rds:us-west-2:111111111111:cluster:core-db',
      ]),
    );
  });

  test('reads a quota', async () => {
    expect(
      await aws(
        'service-quotas get-service-quota --service-code drs --quota-code L-B827C881 --query Quota.Value',
      ),
    ).toBe(100);
    await expect(aws('service-quotas get-service-quota --service-code drs --quota-code L-0')).rejects.toThrow(
      '(NoSuchResourceException)',
    );
  });

  test('assumes a role in another account, and is denied there what the role denies', async () => {
    const role = 'sts assume-role --role-session-name cli --role-arn arn:aws:iam::222222222222:role/Recovery';
    await expect(aws(role)).rejects.toThrow('(AccessDenied)');
    const [key, secret, token] = (await aws(`${role} --external-id breakwater`, {
      args: ['--query', 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]'],
    })) as [string, string, string];
    const env = { AWS_ACCESS_KEY_ID: key, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token };
    expect(await aws('sts get-caller-identity --query Arn', { env })).toBe(
      'arn:aws:sts::222222222222:assumed-role/Recovery/cli',
    );
    await expect(aws('drs describe-source-servers', { env })).rejects.toThrow('(AccessDeniedException)');
    await pass(61);
    await expect(aws('sts get-caller-identity', { env })).rejects.toThrow('(ExpiredToken)');
  });

  test('is refused with a wrong secret, in the words of each protocol', async () => {
    const env = { AWS_SECRET_ACCESS_KEY: 'wrong' };
    await expect(aws('rds describe-db-clusters', { env })).rejects.toThrow('(SignatureDoesNotMatch)');
    await expect(aws('ec2 describe-instances', { env })).rejects.toThrow('(AuthFailure)');
    await expect(aws('ssm list-commands', { env })).rejects.toThrow('(InvalidSignatureException)');
    await expect(aws('drs describe-source-servers', { env })).rejects.toThrow('(InvalidSignatureException)');
    await expect(aws('route53 list-hosted-zones', { env })).rejects.toThrow('(SignatureDoesNotMatch)');
  });
});
