import {
  ConflictException,
  DescribeJobLogItemsCommand,
  DescribeJobsCommand,
  DescribeRecoveryInstancesCommand,
  DescribeRecoverySnapshotsCommand,
  DescribeSourceServersCommand,
  DrsClient,
  GetLaunchConfigurationCommand,
  GetReplicationConfigurationCommand,
  ListTagsForResourceCommand,
  paginateDescribeSourceServers,
  ServiceQuotaExceededException,
  StartRecoveryCommand,
  TagResourceCommand,
  TerminateRecoveryInstancesCommand,
  UpdateLaunchConfigurationCommand,
  type DescribeSourceServersCommandOutput,
} from '@aws-sdk/client-drs';
import { DescribeInstancesCommand, DescribeInstanceStatusCommand, EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { virtualClock } from '#clocks/virtual.ts';
import { createSimulation, parseScenario, type Simulation } from '#sim/index.ts';
import { EXACT } from './testing.ts';

const STARTS_AT = '2026-03-01T10:00:00Z';
const REGION = 'eu-west-1';

function simulate(
  drs: object,
  denies: string[] = [],
): Simulation & { drs: DrsClient; ec2: EC2Client; sleep: (seconds: number) => Promise<void> } {
  const scenario = parseScenario({
    name: 'wire',
    startsAt: STARTS_AT,
    accounts: [{ accountId: '111122223333', denies, regions: { [REGION]: { drs, ec2: {} } } }],
  });
  const clock = virtualClock({ startsAt: Date.parse(STARTS_AT) });
  const simulation = createSimulation({ scenario, clock });
  const { accessKeyId, secretAccessKey } = simulation.accounts[0]!;
  const settings = {
    region: REGION,
    credentials: { accessKeyId, secretAccessKey },
    requestHandler: simulation.requestHandler() as never,
    maxAttempts: 1,
  };
  return {
    ...simulation,
    drs: new DrsClient(settings),
    ec2: new EC2Client(settings),
    sleep: (seconds) => clock.sleep(seconds * 1000),
  };
}

async function serverIds(drs: DrsClient): Promise<string[]> {
  const pages: DescribeSourceServersCommandOutput[] = [];
  for await (const page of paginateDescribeSourceServers({ client: drs, pageSize: 3 }, {})) pages.push(page);
  return pages.flatMap(({ items = [] }) => items.map(({ sourceServerID }) => sourceServerID!));
}

describe('the SDK client of DRS', () => {
  test('drills a group of servers from discovery to clean-up', async () => {
    const { drs, ec2, sleep } = simulate({ timing: EXACT, generate: { count: 7, hostnamePrefix: 'app-' } });
    const ids = await serverIds(drs);
    expect(ids).toHaveLength(7);
    await drs.send(new UpdateLaunchConfigurationCommand({ sourceServerID: ids[0], copyPrivateIp: true }));
    const configuration = await drs.send(new GetLaunchConfigurationCommand({ sourceServerID: ids[0] }));
    expect(configuration).toMatchObject({
      sourceServerID: ids[0],
      copyPrivateIp: true,
      launchDisposition: 'STARTED',
    });
    await drs.send(new GetReplicationConfigurationCommand({ sourceServerID: ids[0] }));
    const snapshots = await drs.send(
      new DescribeRecoverySnapshotsCommand({ sourceServerID: ids[0], order: 'DESC' }),
    );
    expect(snapshots.items?.[0]?.timestamp).toBe('2026-03-01T10:00:00.000Z');

    const { job, $metadata } = await drs.send(
      new StartRecoveryCommand({
        sourceServers: ids.map((sourceServerID) => ({ sourceServerID })),
        isDrill: true,
        tags: { execution: 'exec-1' },
      }),
    );
    expect($metadata.httpStatusCode).toBe(202);
    await sleep(600);

    const { items: jobs } = await drs.send(new DescribeJobsCommand({ filters: { jobIDs: [job!.jobID!] } }));
    expect(jobs).toMatchObject([{ status: 'COMPLETED', tags: { execution: 'exec-1' } }]);
    expect(jobs![0]!.participatingServers!.map(({ launchStatus }) => launchStatus)).toEqual(
      Array(7).fill('LAUNCHED'),
    );
    const log = await drs.send(new DescribeJobLogItemsCommand({ jobID: job!.jobID! }));
    expect(log.items?.map(({ event }) => event)).toContain('LAUNCH_END');
    const { items: recovered } = await drs.send(
      new DescribeRecoveryInstancesCommand({ filters: { sourceServerIDs: ids } }),
    );
    const instanceIds = recovered!.map(({ ec2InstanceID }) => ec2InstanceID!);
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: instanceIds }));
    expect(Reservations?.map(({ Instances }) => Instances?.[0]?.State?.Name)).toEqual(
      Array(7).fill('running'),
    );
    const { InstanceStatuses } = await ec2.send(
      new DescribeInstanceStatusCommand({ InstanceIds: instanceIds }),
    );
    expect(InstanceStatuses).toHaveLength(7);

    const ended = await drs.send(new TerminateRecoveryInstancesCommand({ recoveryInstanceIDs: instanceIds }));
    expect(ended.job?.type).toBe('TERMINATE');
    await sleep(700);
    const left = await drs.send(new DescribeRecoveryInstancesCommand({}));
    expect(left.items).toEqual([]);
  });

  test('gets the typed errors of AWS, with their members', async () => {
    const { drs } = simulate({ quotas: { serversPerJob: 1 }, generate: { count: 2 } });
    const ids = await serverIds(drs);
    const start = (servers: string[]): Promise<unknown> =>
      drs.send(
        new StartRecoveryCommand({ sourceServers: servers.map((sourceServerID) => ({ sourceServerID })) }),
      );
    await start(ids.slice(0, 1));

    const conflict = await start(ids.slice(0, 1)).catch((error: unknown) => error);
    expect(conflict).toBeInstanceOf(ConflictException);
    expect(conflict).toMatchObject({ $metadata: { httpStatusCode: 409 } });
    const quota = await start(ids).catch((error: unknown) => error);
    expect(quota).toBeInstanceOf(ServiceQuotaExceededException);
    expect(quota).toMatchObject({
      quotaCode: 'L-B827C881',
      serviceCode: 'drs',
      $metadata: { httpStatusCode: 402 },
    });
  });

  test('tags a source server by its ARN', async () => {
    const { drs } = simulate({ generate: { count: 1 } });
    const { items } = await drs.send(new DescribeSourceServersCommand({}));
    const resourceArn = items![0]!.arn!;
    await drs.send(new TagResourceCommand({ resourceArn, tags: { 'DR-Wave': '1' } }));
    const { tags } = await drs.send(new ListTagsForResourceCommand({ resourceArn }));
    expect(tags).toEqual({ 'DR-Wave': '1' });
  });

  test('is answered COMPLETED with nothing launched if the caller may not run instances', async () => {
    const { drs, sleep } = simulate({ timing: EXACT, generate: { count: 1 } }, ['ec2:RunInstances']);
    const [id] = await serverIds(drs);
    const { job } = await drs.send(new StartRecoveryCommand({ sourceServers: [{ sourceServerID: id }] }));
    await sleep(210);
    const { items } = await drs.send(new DescribeJobsCommand({ filters: { jobIDs: [job!.jobID!] } }));
    expect(items).toMatchObject([
      { status: 'COMPLETED', participatingServers: [{ launchStatus: 'FAILED' }] },
    ]);
  });
});
