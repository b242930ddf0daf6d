import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { describeServer } from '../clients/generator/describe-server.ts';
import type { BreakwaterClient, TagSync } from '../clients/typescript/breakwater.ts';
import { temporaryFolder } from './support/breakwater.ts';
import { serversPlan } from './support/estates.ts';
import { refusal, untilEnded } from './support/follow.ts';
import { examplePlan, startServer } from './support/server.ts';

/** What stands beside executions, through the generated client: DRS, discovery, configuration, schedules, triggers, subscriptions. */
const PATIENCE = { timeout: 120_000 };
const region = 'us-west-2';
const planId = 'core-banking';
const dataFolder = (): string => path.join(temporaryFolder(), 'data');

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function untilSynced(client: BreakwaterClient, runId: string): Promise<TagSync> {
  for (;;) {
    const { data } = await client.getTagSync({ runId });
    if (data.status !== 'running') return data;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('what the client is made of is what a server says of itself', PATIENCE, async () => {
  const { url } = await startServer(dataFolder());
  const said = await fetch(`${url}/openapi.json`);
  expect(await said.json()).toEqual(await describeServer());
});

test(
  'source servers are looked at, and launched in another way when nobody has changed it before',
  PATIENCE,
  async () => {
    const { client: admin, as } = await startServer(dataFolder());
    const reader = await as('ReadOnly');
    const { sourceServers } = (
      await reader.listSourceServers({ region, tag: 'DR-Tier=application', limit: 3 })
    ).data;
    expect(sourceServers.map(({ replication }) => replication.state)).toEqual([
      'CONTINUOUS',
      'CONTINUOUS',
      'CONTINUOUS',
    ]);
    const { sourceServerId } = sourceServers[0]!;
    const { data: server } = await reader.getSourceServer({ sourceServerId, region });
    expect(server.disks.length).toBeGreaterThan(0);

    const at = { sourceServerId, region };
    const { data: before, etag } = await reader.getLaunchConfiguration(at);
    const { sourceServerId: _, ec2LaunchTemplateId: __, ...launch } = before;
    const body = { ...launch, copyPrivateIp: !launch.copyPrivateIp };
    expect(await refusal(reader.putLaunchConfiguration({ ...at, ifMatch: etag, body }))).toEqual([
      403,
      'Forbidden',
    ]);
    const changed = await admin.putLaunchConfiguration({ ...at, ifMatch: etag, body });
    expect(changed.data.copyPrivateIp).toBe(!before.copyPrivateIp);
    expect(await refusal(admin.putLaunchConfiguration({ ...at, ifMatch: etag, body: launch }))).toEqual([
      412,
      'PreconditionFailed',
    ]);

    const { data: run } = await admin.startTagSync({
      body: { region, dryRun: true },
      idempotencyKey: 'tags',
    });
    const synced = await untilSynced(admin, run.runId);
    expect([synced.status, synced.dryRun, synced.counts.total]).toEqual(['completed', true, 4]);
  },
);

test(
  'what a drill has launched is found among the jobs and instances of DRS, and terminated there',
  PATIENCE,
  async () => {
    const folder = temporaryFolder();
    const { client: admin, as } = await startServer(path.join(folder, 'data'));
    await admin.createPlan({ body: readFileSync(serversPlan(folder), 'utf8') });
    const { data } = await admin.startExecution({ body: { planId: 'servers', mode: 'drill' } });
    expect((await untilEnded(admin, data.executionId)).status).toBe('completed');

    const manager = await as('RecoveryManager');
    const [job] = (await manager.listDrsJobs({ region })).data.jobs;
    expect(job).toMatchObject({ status: 'COMPLETED', executionId: data.executionId });
    const { jobId } = job!;
    expect((await manager.getDrsJob({ jobId, region })).data.servers).toHaveLength(4);
    const { jobLog } = (await manager.getDrsJobLog({ jobId, region })).data;
    expect([jobLog[0]!.event, jobLog.at(-1)!.event]).toEqual(['JOB_START', 'JOB_END']);
    const { quotas } = (await manager.getDrsQuotas({ region })).data;
    expect(quotas.map(({ name }) => name)).toContain('Concurrent jobs in progress');

    const { recoveryInstances } = (await manager.listRecoveryInstances({ region })).data;
    const recoveryInstanceIds = recoveryInstances.map(({ recoveryInstanceId }) => recoveryInstanceId);
    expect(recoveryInstances.map(({ isDrill }) => isDrill)).toEqual([true, true, true, true]);
    const { data: ending } = await manager.terminateRecoveryInstances({
      body: { region, recoveryInstanceIds },
    });
    expect((await untilEnded(manager, ending.executionId)).status).toBe('completed');
    expect((await manager.listRecoveryInstances({ region })).data.recoveryInstances).toEqual([]);

    const tags = { 'DR-Enabled': 'true' };
    const { data: found } = await manager.discover({ body: { discoveryQuery: { tags }, region } });
    expect(found.discoveredResources.drs).toHaveLength(4);
    expect(found.discoveredResources.database).toContain('aurora-prod-cluster');
  },
);

test(
  'what is configured leaves a server as one document, differs in nothing there, and makes another the same',
  PATIENCE,
  async () => {
    const { client, as } = await startServer(dataFolder());
    const { data: settings, etag } = await client.getSettings();
    const iam = {
      mappings: [{ arn: 'arn:aws:iam::111122223333:role/dr-team', roles: ['Operator' as const] }],
    };
    const put = { ifMatch: etag, body: { identity: { ...settings.identity, iam } } };
    expect((await client.putSettings(put)).data.identity.iam).toEqual({ ...iam, hosts: [] });
    expect(await refusal(client.putSettings(put))).toEqual([412, 'PreconditionFailed']);
    const planner = await as('PlanManager');
    expect(await refusal(planner.putSettings(put))).toEqual([403, 'Forbidden']);

    await planner.createPlan({ body: examplePlan() });
    const accountId = '111122223333';
    await client.createTargetAccount({
      body: { accountId, name: 'bank', roleArn: `arn:aws:iam::${accountId}:role/Nobody`, regions: [region] },
    });
    const { data: checked } = await client.validateTargetAccount({ accountId });
    expect(checked.checks.find(({ check }) => check === 'role')?.status).toBe('failed');
    await planner.createSchedule({ body: { scheduleId: 'nightly', planId, cron: '30 2 * * *' } });

    const { data: exported } = await client.exportConfiguration();
    if (typeof exported === 'string') throw new TypeError('it was asked for as JSON');
    const { data: same } = await client.importConfiguration({ preview: 'true', body: exported });
    expect(same).toMatchObject({ applied: false, created: [], updated: [], writes: 0 });
    expect(same.unchanged.map(({ kind }) => kind).toSorted()).toEqual([
      'recoveryPlans',
      'schedules',
      'settings',
      'targetAccounts',
    ]);

    const { data: yaml } = await client.exportConfiguration({ format: 'yaml' });
    const { client: other } = await startServer(dataFolder());
    const { data: made } = await other.importConfiguration({ body: yaml });
    expect([made.applied, made.created.map(({ id }) => id).toSorted()]).toEqual([
      true,
      [accountId, planId, 'nightly', 'settings'],
    ]);
    expect((await other.exportConfiguration()).data).toEqual(exported);
  },
);

test('an event starts a drill once, and a subscriber hears of it', PATIENCE, async () => {
  const heard: string[] = [];
  const hook = createServer((request, response) => {
    void text(request).then((body) => {
      heard.push((JSON.parse(body) as { code: string }).code);
      response.writeHead(204).end();
    });
  });
  hook.listen(0, '127.0.0.1');
  closers.push(() => hook.close());
  await once(hook, 'listening');
  const { client, as } = await startServer(dataFolder());
  await client.createPlan({ body: examplePlan() });
  const url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`;
  const subscriptionId = 'pager';
  const { data: subscribed } = await client.createSubscription({
    body: { subscriptionId, events: ['ExecutionStarted'], to: { type: 'webhook', url } },
  });
  expect(subscribed.to.type === 'webhook' && subscribed.to.secret).toMatch(/./);
  expect((await client.testSubscription({ subscriptionId })).data).toMatchObject({
    result: 'delivered',
    status: 204,
  });
  expect(JSON.stringify((await client.getSubscription({ subscriptionId })).data)).not.toContain('secret');

  const triggerId = 'region-down';
  await client.createTrigger({
    body: { triggerId, planId, mode: 'drill', eventPattern: { source: ['aws.health'] }, autoResume: true },
  });
  const bus = await as('Operator', 'bus');
  const fire = async (id: string, source: string) =>
    (await bus.fireTrigger({ triggerId, body: { id, source } })).data;
  expect(await fire('1', 'aws.ec2')).toEqual({ started: false, why: 'notMatched' });
  const fired = await fire('2', 'aws.health');
  expect(await fire('2', 'aws.health')).toEqual({ ...fired, started: false, why: 'duplicate' });
  expect((await untilEnded(bus, fired.executionId!)).status).toBe('completed');
  expect((await bus.getTrigger({ triggerId })).data.lastStart?.executionId).toBe(fired.executionId);

  const planner = await as('PlanManager');
  const { data: schedule, etag } = await planner.createSchedule({
    body: { scheduleId: 'nightly', planId, cron: '30 2 * * *', timeZone: 'Europe/Berlin' },
  });
  expect(schedule.nextRunAt).toMatch(/T0[01]:30:00/);
  await planner.deleteSchedule({ scheduleId: 'nightly', ifMatch: etag });
  expect((await planner.listSchedules()).data.schedules).toEqual([]);
  await vi.waitFor(() => expect(heard).toEqual(['SubscriptionTested', 'ExecutionStarted']), 10_000);
});
