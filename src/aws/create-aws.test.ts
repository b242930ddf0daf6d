import { Buffer } from 'node:buffer';
import { describe, expect, test, vi } from 'vitest';
import { virtualClock } from '#clocks/virtual.ts';
import { hasCode, type BreakwaterError } from '#core/errors.ts';
import type { Aws } from './aws.ts';
import { createAws } from './create-aws.ts';
import { ALL_SERVICES } from './services/all.ts';
import { drsService } from './services/drs.ts';
import type { AwsOptions } from './options.ts';

interface Seen {
  readonly action: string;
  readonly at: number;
  readonly host: string;
  readonly body: string;
  readonly authorization: string;
}

type Answer = { status?: number; body: string; headers?: Record<string, string> } | { fail: Error };

/** A door whose requests are answered by `answer`, in virtual time, and a record of what was sent. */
function openDoor(answer: (seen: Seen, index: number) => Answer, options: Partial<AwsOptions> = {}) {
  const clock = virtualClock({ startsAt: Date.parse('2026-11-24T10:00:00Z') });
  const seen: Seen[] = [];
  const handle = async (request: never): Promise<unknown> => {
    const { hostname, path, headers, body } = request as {
      hostname: string;
      path: string;
      headers: Record<string, string>;
      body: unknown;
    };
    const text = body === undefined ? '' : Buffer.from(body as Uint8Array).toString();
    const action = headers['x-amz-target']?.split('.')[1] ?? /Action=(\w+)/.exec(text)?.[1] ?? path.slice(1);
    const entry = {
      action,
      at: clock.now(),
      host: hostname,
      body: text,
      authorization: headers['authorization'] ?? '',
    };
    seen.push(entry);
    const reply = answer(entry, seen.length - 1);
    if ('fail' in reply) throw reply.fail;
    const type = reply.body.startsWith('<') ? 'text/xml' : 'application/json';
    return {
      response: {
        statusCode: reply.status ?? 200,
        headers: { 'content-type': type, ...reply.headers },
        body: Buffer.from(reply.body),
      },
    };
  };
  const aws = createAws({
    services: ALL_SERVICES,
    clock,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIAOWN', secretAccessKey: 'secret-of-own' },
    accounts: async () => null,
    sessionName: 'breakwater-exec-1',
    random: () => 0.5,
    requestHandler: { handle },
    ...options,
  });
  return { aws, clock, seen };
}

function awsError(status: number, code: string, message = 'words of AWS', more: object = {}): Answer {
  return {
    status,
    headers: { 'x-amzn-errortype': code },
    body: JSON.stringify({ __type: code, message, ...more }),
  };
}

function systemError(code: string): Answer {
  return { fail: Object.assign(new Error(`connect ${code}`), { code }) };
}

async function errorOf(work: Promise<unknown>): Promise<BreakwaterError> {
  return work.then(
    () => expect.fail('expected an error'),
    (error: BreakwaterError) => error,
  );
}

const start = (aws: Aws): Promise<unknown> =>
  aws.for({}).drs.startRecovery({ sourceServers: [{ sourceServerID: 's-1' }] });

describe('a call', () => {
  test('joins the items of all pages', async () => {
    const { aws, seen } = openDoor((_, i) => ({
      body: i === 0 ? '{"items":[{"jobID":"a"}],"nextToken":"t"}' : '{"items":[{"jobID":"b"}]}',
    }));
    const jobs = await aws.for({}).drs.describeJobs({ filters: { fromDate: '2026-11-24T00:00:00Z' } });
    expect(jobs.map((job) => job.jobID)).toEqual(['a', 'b']);
    expect(JSON.parse(seen[1]!.body)).toEqual({
      filters: { fromDate: '2026-11-24T00:00:00Z' },
      nextToken: 't',
    });
  });

  test('lets no virtual time pass while the SDK works, and sets no real timer', async () => {
    const { aws, clock } = openDoor(() => ({ body: '{}' }));
    const timers = vi.spyOn(globalThis, 'setTimeout');
    let fired = 0;
    clock.at(clock.now() + 1, () => fired++);
    const target = aws.for({});
    for (let i = 0; i < 3; i++) {
      await target.drs.describeSourceServers({});
      await target.ssm.listCommands({});
      await target.quotas.listServiceQuotas({ ServiceCode: 'drs' });
    }
    expect({ fired, timers: timers.mock.calls.length }).toEqual({ fired: 0, timers: 0 });
    timers.mockRestore();
  });

  test('reports each attempt', async () => {
    const records: unknown[] = [];
    const { aws } = openDoor((_, i) => (i === 0 ? awsError(429, 'ThrottlingException') : { body: '{}' }), {
      onCall: ({ service, operation, attempt, error }) =>
        records.push({ service, operation, attempt, error }),
    });
    await start(aws);
    expect(records).toEqual([
      { service: 'drs', operation: 'startRecovery', attempt: 1, error: 'ThrottlingException' },
      { service: 'drs', operation: 'startRecovery', attempt: 2, error: null },
    ]);
  });

  test('reports the IAM action, the request id, and whether simulated AWS has answered', async () => {
    const records: unknown[] = [];
    const headers = { 'x-amzn-requestid': 'r-2', 'x-breakwater-simulated': 'true' };
    const { aws } = openDoor(
      (_, i) =>
        [
          systemError('ECONNREFUSED'),
          {
            status: 429,
            headers: { 'x-amzn-errortype': 'ThrottlingException', 'x-amzn-requestid': 'r-1' },
            body: '{}',
          },
          { headers, body: '{}' },
        ][i]!,
      {
        onCall: ({ iamAction, requestId, simulated }) => records.push({ iamAction, requestId, simulated }),
      },
    );
    await start(aws);
    expect(records).toEqual([
      { iamAction: 'drs:StartRecovery', requestId: null, simulated: false },
      { iamAction: 'drs:StartRecovery', requestId: 'r-1', simulated: false },
      { iamAction: 'drs:StartRecovery', requestId: 'r-2', simulated: true },
    ]);
  });

  test('waits for nothing that the listener does', async () => {
    const { aws } = openDoor(() => ({ body: '{}' }), {
      // oxlint-disable-next-line typescript/no-misused-promises -- a listener may be async, and nobody waits for it
      onCall: () => new Promise<void>(() => {}),
    });
    await expect(start(aws)).resolves.toBeDefined();
  });
});

describe('events and notifications', () => {
  const event = { source: 'breakwater', detailType: 'Wave completed', detail: { wave: 1 } };

  test('events that AWS took have their ids, in order', async () => {
    const { aws, seen } = openDoor(() => ({
      body: '{"FailedEntryCount":0,"Entries":[{"EventId":"a"},{"EventId":"b"}]}',
    }));
    const eventBus = 'dr-events';
    const entries = [event, { ...event, eventBus, resources: ['arn:x'] }];
    expect(await aws.for({}).events.putEvents({ entries })).toEqual({ eventIds: ['a', 'b'] });
    expect(JSON.parse(seen[0]!.body)).toEqual({
      Entries: [
        { Source: 'breakwater', DetailType: 'Wave completed', Detail: '{"wave":1}' },
        {
          Source: 'breakwater',
          DetailType: 'Wave completed',
          Detail: '{"wave":1}',
          EventBusName: 'dr-events',
          Resources: ['arn:x'],
        },
      ],
    });
  });

  test.each([
    { awsError: 'ThrottlingException', code: 'AwsThrottled' },
    { awsError: 'InternalFailure', code: 'AwsFailed' },
    { awsError: 'MalformedDetail', code: 'AwsRejected' },
  ])('an event refused with $awsError is the error $code, which names it', async ({ awsError, code }) => {
    const refused = { ErrorCode: awsError, ErrorMessage: 'words' };
    const { aws, seen } = openDoor(() => ({
      body: JSON.stringify({ FailedEntryCount: 1, Entries: [{ EventId: 'a' }, refused] }),
    }));
    const error = await errorOf(aws.for({}).events.putEvents({ entries: [event, event] }));
    expect(error.code).toBe(code);
    expect(error.message).toBe(`events:PutEvents refused entry 2 of 2 (1 refused): ${awsError}: words`);
    expect(error.details).toMatchObject({
      failedEntries: [{ index: 1, awsError, awsMessage: 'words' }],
      eventIds: ['a', null],
    });
    expect(seen).toHaveLength(1);
  });
});

describe('a failing call', () => {
  test('is repeated with full jitter and back-off while AWS throttles, whatever the operation', async () => {
    const { aws, seen } = openDoor((_, i) => (i < 3 ? awsError(429, 'ThrottlingException') : { body: '{}' }));
    await start(aws);
    expect(gaps(seen)).toEqual([500, 1_000, 2_000]);
  });

  test('waits at least as long as AWS asks for', async () => {
    const { aws, seen } = openDoor((_, i) =>
      i === 0
        ? {
            ...awsError(429, 'ThrottlingException'),
            headers: { 'x-amzn-errortype': 'ThrottlingException', 'retry-after': '7' },
          }
        : { body: '{}' },
    );
    await start(aws);
    expect(gaps(seen)).toEqual([7_500]);
  });

  test('is repeated after an internal error if it only reads or sets a state', async () => {
    const { aws, seen } = openDoor((_, i) =>
      i < 2 ? awsError(500, 'InternalServerException') : { body: '{"items":[]}' },
    );
    await aws.for({}).drs.describeSourceServers({});
    expect(gaps(seen)).toEqual([100, 200]);
  });

  test.each([
    { name: 'an internal error', answer: awsError(500, 'InternalServerException'), code: 'AwsFailed' },
    { name: 'a reset connection', answer: systemError('ECONNRESET'), code: 'AwsUnreachable' },
    { name: 'a timeout', answer: systemError('ETIMEDOUT'), code: 'AwsUnreachable' },
  ])(
    'that starts something is not repeated after $name, and says that it may have acted',
    async ({ answer, code }) => {
      const { aws, seen } = openDoor(() => answer);
      const error = await errorOf(start(aws));
      expect({
        code: error.code,
        ambiguous: error.details['ambiguous'],
        retry: error.retry,
        sent: seen.length,
      }).toEqual({
        code,
        ambiguous: true,
        retry: 'retryable',
        sent: 1,
      });
    },
  );

  test('that starts something is repeated if it cannot have reached AWS', async () => {
    const { aws, seen } = openDoor((_, i) => (i === 0 ? systemError('ECONNREFUSED') : { body: '{}' }));
    await start(aws);
    expect(seen).toHaveLength(2);
  });

  test('gives up within 45 seconds and says how often it has tried', async () => {
    const { aws, clock } = openDoor(() => systemError('ECONNREFUSED'));
    const before = clock.now();
    const error = await errorOf(aws.for({}).drs.describeSourceServers({}));
    expect(error.code).toBe('AwsUnreachable');
    expect(error.message).toBe(
      'drs:DescribeSourceServers failed after 8 attempts (account of the caller, region eu-west-1): ECONNREFUSED: connect ECONNREFUSED',
    );
    expect(clock.now() - before).toBeLessThan(45_000);
  });

  test('names action, place, request and error, for people and for machines', async () => {
    const { aws } = openDoor(() => ({
      status: 403,
      headers: { 'x-amzn-errortype': 'AccessDeniedException', 'x-amzn-requestid': 'req-1' },
      body: '{"message":"User: arn:aws:iam::111122223333:user/x is not authorized to perform: drs:StartRecovery"}',
    }));
    const error = await errorOf(start(aws));
    expect(error.code).toBe('AwsAccessDenied');
    expect(error.details).toEqual({
      service: 'drs',
      operation: 'startRecovery',
      iamAction: 'drs:StartRecovery',
      accountId: null,
      region: 'eu-west-1',
      awsError: 'AccessDeniedException',
      awsMessage: 'User: arn:aws:iam::111122223333:user/x is not authorized to perform: drs:StartRecovery',
      requestId: 'req-1',
      httpStatus: 403,
      ambiguous: false,
    });
  });

  test('carries no secret: the canonical request that AWS answers is cut off', async () => {
    const { aws } = openDoor(() =>
      awsError(
        403,
        'InvalidSignatureException',
        'the signature does not match.\n\nx-amz-security-token:TOKEN',
      ),
    );
    const error = await errorOf(start(aws));
    expect(error.code).toBe('AwsCredentialsMissing');
    expect(JSON.stringify([error.message, error.details, String(error.cause)])).not.toContain('TOKEN');
  });

  test('ends with the reason of the signal as soon as that aborts, even in the middle of a back-off', async () => {
    const { aws, clock } = openDoor(() => awsError(429, 'ThrottlingException'));
    const controller = new AbortController();
    clock.at(clock.now() + 1_200, () => controller.abort(new Error('stop')));
    const error = await errorOf(aws.for({}).drs.describeSourceServers({}, controller.signal));
    expect(error.message).toBe('stop');
  });
});

describe('a target account', () => {
  const account = { roleArn: 'arn:aws:iam::999988887777:role/dr', externalId: 'ext-1' };
  const assumed = (n: number): Answer => ({
    body: `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA${n}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2026-11-24T11:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
  });
  const answer = (): ((seen: Seen) => Answer) => {
    let roles = 0;
    return (seen) => (seen.action === 'AssumeRole' ? assumed(++roles) : { body: '{"items":[]}' });
  };

  test('is entered by its role, with external id and a session named after the execution', async () => {
    const { aws, seen } = openDoor(answer(), {
      accounts: async () => account,
      sessionName: 'breakwater-exec/1',
    });
    await aws.for({ accountId: '999988887777', region: 'eu-central-1' }).drs.describeSourceServers({});
    const body = new URLSearchParams(seen[0]!.body);
    expect(Object.fromEntries(body)).toMatchObject({
      Action: 'AssumeRole',
      RoleArn: 'arn:aws:iam::999988887777:role/dr',
      ExternalId: 'ext-1',
      RoleSessionName: 'breakwater-exec-1',
      DurationSeconds: '3600',
    });
    expect(seen[0]!.authorization).toContain('AKIAOWN');
    expect(seen[1]!.authorization).toMatch(/Credential=ASIA1\/\d{8}\/eu-central-1\/drs\//);
  });

  test('is entered once by calls at the same time, and again 5 minutes before the hour is over', async () => {
    const { aws, clock, seen } = openDoor(answer(), { accounts: async () => account });
    const { drs, ec2 } = aws.for({ accountId: '999988887777' });
    const look = (): Promise<unknown> => drs.describeSourceServers({});
    await Promise.all([look(), look(), ec2.describeInstanceStatus({}).catch(() => null)]);
    await clock.sleep(54 * 60_000);
    await look();
    expect(seen.filter(({ action }) => action === 'AssumeRole')).toHaveLength(1);
    await clock.sleep(60_000);
    await Promise.all([look(), look()]);
    expect(seen.filter(({ action }) => action === 'AssumeRole')).toHaveLength(2);
    expect(seen.at(-1)!.authorization).toContain('ASIA2');
  });

  test("that nobody has declared is refused, unless it is the caller's own", async () => {
    const identity =
      '<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>';
    const { aws } = openDoor((seen) => ({
      body: seen.action === 'GetCallerIdentity' ? identity : '{"items":[]}',
    }));
    const error = await errorOf(aws.for({ accountId: '999988887777' }).drs.describeSourceServers({}));
    expect(hasCode(error, 'TargetAccountUnknown')).toBe(true);
    expect(await aws.for({ accountId: '111122223333' }).drs.describeSourceServers({})).toEqual([]);
  });
});

describe('rate limits', () => {
  test('of Route 53 hold for an account over all Regions: 4 at once, then 4 a second', async () => {
    const zones =
      '<ListHostedZonesResponse><HostedZones/><IsTruncated>false</IsTruncated><MaxItems>1</MaxItems></ListHostedZonesResponse>';
    const { aws, seen, clock } = openDoor(() => ({ body: zones }));
    const startedAt = clock.now();
    const regions = ['eu-west-1', 'us-east-1', 'eu-west-1', 'us-east-1', 'eu-west-1', 'us-east-1'];
    await Promise.all(regions.map((region) => aws.for({ region }).route53.listHostedZones({})));
    expect(seen.map(({ at }) => at - startedAt)).toEqual([0, 0, 0, 0, 250, 500]);
  });
});

describe('DescribeJobs', () => {
  test('is called once for all jobs that are asked for at the same time in one account and Region', async () => {
    const { aws, seen } = openDoor(() => ({ body: '{"items":[{"jobID":"a"},{"jobID":"b"},{"jobID":"c"}]}' }));
    const { drs } = aws.for({});
    const found = await Promise.all(
      [['a'], ['b', 'a'], ['x']].map((jobIDs) => drs.describeJobs({ filters: { jobIDs } })),
    );
    expect(found.map((jobs) => jobs.map((job) => job.jobID))).toEqual([['a'], ['b', 'a'], []]);
    expect(seen.map(({ body }) => JSON.parse(body))).toEqual([{ filters: { jobIDs: ['a', 'b', 'x'] } }]);
  });
});

test('record sets of one name are found with their types, up to the first other name', async () => {
  const record = (name: string, type: string): string =>
    `<ResourceRecordSet><Name>${name}</Name><Type>${type}</Type><TTL>60</TTL></ResourceRecordSet>`;
  const page = `<ListResourceRecordSetsResponse><ResourceRecordSets>${record('app.bank.example.', 'A')}${record('app.bank.example.', 'AAAA')}${record('db.bank.example.', 'A')}</ResourceRecordSets><IsTruncated>true</IsTruncated><NextRecordName>web.bank.example.</NextRecordName><NextRecordType>A</NextRecordType><MaxItems>3</MaxItems></ListResourceRecordSetsResponse>`;
  const { aws, seen } = openDoor(() => ({ body: page }));
  const found = await aws.for({}).route53.findResourceRecordSets('Z1', 'App.bank.example');
  expect(found.map(({ Name, Type }) => [Name, Type])).toEqual([
    ['app.bank.example.', 'A'],
    ['app.bank.example.', 'AAAA'],
  ]);
  expect(seen).toHaveLength(1);
});

function gaps(seen: readonly Seen[]): number[] {
  return seen.slice(1).map(({ at }, i) => at - seen[i]!.at);
}

describe('services', () => {
  test('that were not given are missed by name when they are called, and no sooner', async () => {
    const { aws, seen } = openDoor(() => ({ body: '{"items":[]}' }), { services: { drs: drsService } });
    const target = aws.for({});
    expect(await target.drs.describeSourceServers({})).toEqual([]);
    expect(() => target.rds.describeDBClusters({})).toThrow(
      expect.objectContaining({
        code: 'Bug',
        message:
          'rds.describeDBClusters was asked for, but the door to AWS was opened without rds: give it among the services',
      }),
    );
    expect(seen).toHaveLength(1);
  });

  test.each(['drs', 'route53'] as const)(
    '%s, which is more than its plain operations, is missed likewise',
    (name) => {
      const { aws } = openDoor(() => ({ body: '{}' }), { services: {} });
      const calls = aws.for({})[name] as unknown as Record<string, () => unknown>;
      for (const operation of ['describeJobs', 'findResourceRecordSets'])
        expect(() => calls[operation]!()).toThrow(`${name}.${operation} was asked for`);
    },
  );
});
