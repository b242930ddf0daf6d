import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '#clocks/system.ts';
import type { BreakwaterError } from '#core/errors.ts';
import { createSimulation, defaultAccessKey, parseScenario } from '#sim/index.ts';
import { createAws } from './create-aws.ts';
import { ALL_SERVICES } from './services/all.ts';
import type { AwsOptions } from './options.ts';

const OWN = '111122223333';
const TARGET = '999988887777';
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function openDoor(options: Partial<AwsOptions> = {}) {
  const clock = systemClock();
  const drs = { generate: { count: 3 } };
  const scenario = parseScenario({
    name: 'http',
    startsAt: new Date().toISOString(),
    accounts: [
      { accountId: OWN, regions: { 'eu-central-1': { drs, sns: { topics: [{ name: 'dr-notices' }] } } } },
      {
        accountId: TARGET,
        roles: [{ name: 'dr', externalId: 'ext-1' }],
        regions: { 'eu-central-1': { drs } },
      },
    ],
  });
  const simulation = createSimulation({ scenario, clock });
  const { url } = await simulation.listen();
  closing.push(() => simulation.close());
  return createAws({
    services: ALL_SERVICES,
    clock,
    region: 'eu-central-1',
    endpoint: url,
    credentials: defaultAccessKey(OWN),
    accounts: async () => ({ roleArn: `arn:aws:iam::${TARGET}:role/dr`, externalId: 'ext-1' }),
    sessionName: 'breakwater-exec-1',
    random: () => 0,
    ...options,
  });
}

type Calls = ReturnType<Awaited<ReturnType<typeof openDoor>>['for']>;

async function errorOf(work: Promise<unknown>): Promise<BreakwaterError> {
  return work.then(
    () => expect.fail('expected an error'),
    (error: BreakwaterError) => error,
  );
}

test('every service answers over HTTP, in the own account and in a target account', async () => {
  const aws = await openDoor();
  const own = aws.for({});
  expect(await own.drs.describeSourceServers({})).toHaveLength(3);
  expect(await own.route53.listHostedZones({})).toEqual([]);
  expect(await own.rds.describeDBClusters({})).toEqual([]);
  expect(await own.ssm.describeInstanceInformation({})).toEqual([]);
  expect(await own.elbv2.describeLoadBalancers({})).toEqual([]);
  expect(await own.tagging.getResources({})).toEqual([]);
  expect(await own.ec2.describeInstances({})).toEqual([]);
  expect(await own.quotas.listServiceQuotas({ ServiceCode: 'drs' })).toHaveLength(3);
  expect(await own.drs.describeReplicationConfigurationTemplates({})).toEqual([]);
  const event = { source: 'breakwater', detailType: 'x', detail: {} };
  expect((await own.events.putEvents({ entries: [event] })).eventIds).toHaveLength(1);
  expect((await aws.for({ accountId: TARGET }).sts.getCallerIdentity({})).Account).toBe(TARGET);
});

test('a message is published with its attributes; an unknown topic is not found', async () => {
  const { sns } = (await openDoor()).for({});
  const topicArn = `arn:aws:sns:eu-central-1:${OWN}:dr-notices`;
  const attributes = { mode: 'drill' };
  expect((await sns.publish({ topicArn, subject: 'Wave 1', message: 'done', attributes })).messageId).toMatch(
    /^[0-9a-f-]{36}$/,
  );
  const error = await errorOf(sns.publish({ topicArn: `${topicArn}-none`, message: 'done' }));
  expect([error.code, error.details['iamAction']]).toEqual(['AwsNotFound', 'sns:Publish']);
});

test('simulated AWS says that it is simulated, also when it refuses or enters a role', async () => {
  const seen: unknown[] = [];
  const aws = await openDoor({
    onCall: ({ operation, error, simulated }) => seen.push({ operation, error, simulated }),
  });
  await aws.for({ accountId: TARGET }).drs.describeSourceServers({});
  await errorOf(aws.for({}).rds.describeDBClusters({ DBClusterIdentifier: 'none' }));
  expect(seen).toEqual([
    { operation: 'assumeRole', error: null, simulated: true },
    { operation: 'describeSourceServers', error: null, simulated: true },
    { operation: 'describeDBClusters', error: 'DBClusterNotFoundFault', simulated: true },
  ]);
});

test('a Region that does not exist, and one without DRS, fail at once and say so', async () => {
  const aws = await openDoor();
  const unknown = await errorOf(aws.for({ region: 'eu-wst-1' }).drs.describeSourceServers({}));
  expect(unknown.code).toBe('AwsRegionInvalid');
  const closed = await errorOf(
    aws.for({ region: 'us-east-1' }).drs.describeReplicationConfigurationTemplates({}),
  );
  expect(closed.code).toBe('AwsNotInitialized');
});

test('a key that AWS does not know, and a role that may not be assumed, are told apart', async () => {
  const unknown = await openDoor({
    credentials: { accessKeyId: 'AKIAAAAAAAAAAAAAAAAA', secretAccessKey: 'x' },
  });
  expect((await errorOf(unknown.for({}).drs.describeSourceServers({}))).code).toBe('AwsCredentialsMissing');
  const stranger = await openDoor({
    accounts: async () => ({ roleArn: `arn:aws:iam::${TARGET}:role/dr`, externalId: 'wrong' }),
  });
  const error = await errorOf(stranger.for({ accountId: TARGET }).drs.describeSourceServers({}));
  expect({ code: error.code, action: error.details['iamAction'] }).toEqual({
    code: 'AwsAccessDenied',
    action: 'sts:AssumeRole',
  });
});

test('an endpoint where nothing listens is unreachable, and cannot have acted', async () => {
  const aws = await openDoor({ endpoint: 'http://127.0.0.1:1' });
  const error = await errorOf(aws.for({}).drs.startRecovery({ sourceServers: [] }));
  expect({
    code: error.code,
    ambiguous: error.details['ambiguous'],
    name: error.details['awsError'],
  }).toEqual({
    code: 'AwsUnreachable',
    ambiguous: false,
    name: 'ECONNREFUSED',
  });
});

test('a connection that breaks before the answer may have acted', async () => {
  const server = createServer((request) => request.socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => server.close(() => resolve())));
  const aws = await openDoor({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  const error = await errorOf(aws.for({}).drs.startRecovery({ sourceServers: [] }));
  expect({ code: error.code, ambiguous: error.details['ambiguous'] }).toEqual({
    code: 'AwsUnreachable',
    ambiguous: true,
  });
});

// The SDK of DRS throws by itself what that of all others only warns of.
test.each([
  { of: 'DRS', act: ({ drs }: Calls) => drs.startRecovery({ sourceServers: [] }) },
  { of: 'RDS', act: ({ rds }: Calls) => rds.failoverDBCluster({ DBClusterIdentifier: 'a' }) },
])(
  'an answer of $of that does not come in time counts as lost, and may have acted',
  async ({ act }) => {
    const server = createServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()));
    const soon = { answerTimeoutMs: 50 };
    const aws = await openDoor({
      services: {
        ...ALL_SERVICES,
        drs: Object.assign({}, ALL_SERVICES.drs, soon),
        rds: Object.assign({}, ALL_SERVICES.rds, soon),
      },
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    });
    const error = await errorOf(act(aws.for({})));
    expect(error).toMatchObject({ code: 'AwsUnreachable', details: { ambiguous: true } });
  },
  5_000,
);
