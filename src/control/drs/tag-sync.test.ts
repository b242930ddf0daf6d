import { describe, expect, test } from 'vitest';
import { createAws } from '#aws/create-aws.ts';
import { ALL_SERVICES } from '#aws/services/all.ts';
import { virtualClock } from '#clocks/virtual.ts';
import { createSimulation, defaultAccessKey, parseScenario } from '#sim/index.ts';
import type { TagSyncRequest } from './tag-copy.ts';
import { createTagSync } from './tag-sync.ts';
import { testPlane } from '../testing/plane.ts';

const OWN = '111122223333';
const SOURCE = '444455556666';
const HERE = 'eu-central-1';
const THERE = 'eu-west-1';
const WEB = 's-00000000000000001';
const DATABASE = 's-00000000000000002';
const GONE = 's-00000000000000003';
const OUTSIDE = 's-00000000000000004';
const ACTOR = { by: 'token:ops', requestId: 'r1' };

/** Servers in one Region, the instances that they replicate in another account and Region. */
function world({
  denies = [],
  tags = {},
  faults = [],
}: { denies?: string[]; tags?: Record<string, string>; faults?: object[] } = {}) {
  const startsAt = '2026-11-24T10:00:00Z';
  const clock = virtualClock({ startsAt: Date.parse(startsAt) });
  const origin = { originAccountId: SOURCE, originRegion: THERE };
  const sourceServers = [
    { id: WEB, hostname: 'web-1', instanceId: 'i-web', ...origin, tags: { Name: 'web-1', Old: 'x' } },
    { id: DATABASE, hostname: 'db-1', instanceId: 'i-db', ...origin, tags: { Name: 'db-1', Tier: 'db' } },
    { id: GONE, hostname: 'gone-1', instanceId: 'i-gone', ...origin },
    { id: OUTSIDE, hostname: 'rack-1' },
  ];
  const instances = [
    { id: 'i-web', name: 'web-1', tags: { Tier: 'web', ...tags } },
    { id: 'i-db', name: 'db-1', tags: { Tier: 'db' } },
  ];
  const scenario = parseScenario({
    name: 'tags',
    startsAt,
    faults,
    accounts: [
      { accountId: OWN, denies, regions: { [HERE]: { drs: { sourceServers } } } },
      {
        accountId: SOURCE,
        roles: [{ name: 'breakwater', trusts: [OWN] }],
        regions: { [THERE]: { ec2: { instances } } },
      },
    ],
  });
  const simulation = createSimulation({ scenario, clock });
  const aws = createAws({
    services: ALL_SERVICES,
    clock,
    region: HERE,
    credentials: defaultAccessKey(OWN),
    accounts: async (accountId) =>
      accountId === SOURCE ? { roleArn: `arn:aws:iam::${SOURCE}:role/breakwater` } : null,
    sessionName: 'breakwater-test',
    random: () => 0.5,
    requestHandler: simulation.requestHandler(),
  });
  const plane = testPlane({ aws });
  const tagSync = createTagSync(plane.deps);
  const sync = async (request: Partial<TagSyncRequest> = {}) => {
    const { runId } = await tagSync.start({ dryRun: false, removeOthers: false, ...request }, ACTOR);
    await tagSync.settled();
    return tagSync.get(runId);
  };
  const tagsOf = async (id: string) =>
    (await aws.for({}).drs.describeSourceServers({ filters: { sourceServerIDs: [id] } }))[0]!.tags;
  return { ...plane, tagSync, sync, tagsOf };
}

describe('a synchronisation of tags', () => {
  test('copies what instances carry, from where they live, and leaves the rest', async () => {
    const { sync, tagsOf } = world();
    expect(await sync()).toMatchObject({
      status: 'completed',
      region: HERE,
      startedBy: 'token:ops',
      counts: { total: 4, unchanged: 1, changed: 1, failed: 0, skipped: 2 },
      truncated: false,
    });
    expect(await tagsOf(WEB)).toEqual({ Name: 'web-1', Old: 'x', Tier: 'web' });
  });

  test('names each server that it changed or passed over, and why', async () => {
    const { sync } = world();
    const { servers } = await sync();
    expect(servers.toSorted((a, b) => (a.sourceServerId < b.sourceServerId ? -1 : 1))).toEqual([
      {
        sourceServerId: WEB,
        sourceInstanceId: 'i-web',
        outcome: 'changed',
        set: { Tier: 'web' },
        remove: [],
      },
      {
        sourceServerId: GONE,
        sourceInstanceId: 'i-gone',
        outcome: 'skipped',
        set: {},
        remove: [],
        reason: 'instance i-gone is not in eu-west-1 any more',
      },
      {
        sourceServerId: OUTSIDE,
        outcome: 'skipped',
        set: {},
        remove: [],
        reason: 'it replicates no EC2 instance',
      },
    ]);
  });

  test('ends the same when answers of AWS are lost', async () => {
    const lost = { fault: 'responseLost', service: 'drs', times: 1 };
    const faults = [
      { ...lost, operation: 'TagResource' },
      { ...lost, operation: 'UntagResource' },
    ];
    const { sync, tagsOf } = world({ faults });
    expect(await sync({ removeOthers: true })).toMatchObject({ status: 'completed', counts: { failed: 0 } });
    expect(await tagsOf(WEB)).toEqual({ Name: 'web-1', Tier: 'web' });
  });

  test('changes nothing the second time', async () => {
    const { sync } = world();
    await sync();
    expect((await sync()).counts).toMatchObject({ unchanged: 2, changed: 0 });
  });

  test('that only tries says what it would do, and does not', async () => {
    const { sync, tagsOf } = world();
    expect(await sync({ dryRun: true, removeOthers: true })).toMatchObject({
      status: 'completed',
      dryRun: true,
      servers: expect.arrayContaining([
        expect.objectContaining({ sourceServerId: WEB, set: { Tier: 'web' }, remove: ['Old'] }),
      ]) as unknown,
    });
    expect(await tagsOf(WEB)).toEqual({ Name: 'web-1', Old: 'x' });
  });

  test('takes other tags away when it is told to', async () => {
    const { sync, tagsOf } = world();
    await sync({ removeOthers: true });
    expect(await tagsOf(WEB)).toEqual({ Name: 'web-1', Tier: 'web' });
  });

  test('does not copy tags that are AWS own', async () => {
    const { sync, tagsOf } = world({ tags: { 'aws:autoscaling:groupName': 'web' } });
    expect((await sync()).counts.failed).toBe(0);
    expect(await tagsOf(WEB)).toEqual({ Name: 'web-1', Old: 'x', Tier: 'web' });
  });

  test('goes on with the others when AWS refuses one', async () => {
    const tooMany = Object.fromEntries(Array.from({ length: 49 }, (_, i) => [`K${i}`, 'v']));
    const { sync } = world({ tags: tooMany });
    const run = await sync();
    expect(run).toMatchObject({ status: 'completed_with_failures', counts: { failed: 1, unchanged: 1 } });
    const failed = run.servers.find(({ outcome }) => outcome === 'failed')!;
    expect(failed.reason).toMatch(/^AwsRejected: .*at most 50 tags/);
  });

  test('is in the evidence with its beginning and its end', async () => {
    const { sync, audited } = world();
    const { runId } = await sync();
    expect(audited).toMatchObject([
      { action: 'drs.tag-sync.start', by: 'token:ops', target: `drs/tag-sync/${runId}`, requestId: 'r1' },
      { action: 'drs.tag-sync.end', data: { status: 'completed', counts: { changed: 1 } } },
    ]);
  });
});

describe('a start', () => {
  const request = { dryRun: false, removeOthers: false };

  test('with its key again is the same run, with another request it is refused', async () => {
    const { tagSync } = world();
    const keyed = { ...request, idempotencyKey: 'k' };
    const runs = await Promise.all([tagSync.start(keyed, ACTOR), tagSync.start(keyed, ACTOR)]);
    expect(runs[0].runId).toBe(runs[1].runId);
    await expect(tagSync.start({ ...keyed, dryRun: true }, ACTOR)).rejects.toMatchObject({
      code: 'IdempotencyKeyReused',
    });
    await tagSync.settled();
    expect(await tagSync.start(keyed, ACTOR)).toMatchObject({ runId: runs[0].runId, status: 'completed' });
  });

  test('is refused while another run works in the same place, but may be tried', async () => {
    const { tagSync } = world();
    const { runId } = await tagSync.start(request, ACTOR);
    await expect(tagSync.start(request, ACTOR)).rejects.toMatchObject({
      code: 'ResourceLocked',
      message: `tag sync ${runId} works in own/eu-central-1 still`,
    });
    await tagSync.start({ ...request, dryRun: true }, ACTOR);
    await tagSync.settled();
  });

  test('in a place that cannot be read says so, and is no run', async () => {
    const { tagSync, audited } = world({ denies: ['drs:DescribeSourceServers'] });
    await expect(tagSync.start(request, ACTOR)).rejects.toMatchObject({ code: 'AwsAccessDenied' });
    expect(audited).toEqual([]);
  });
});

test('a run whose process has ended is interrupted, and can be asked for again', async () => {
  const { tagSync, deps } = world();
  const { runId } = await tagSync.start({ dryRun: false, removeOthers: false }, ACTOR);
  const next = createTagSync(deps);
  expect((await next.get(runId)).status).toBe('interrupted');
  await expect(next.get('sync-x')).rejects.toMatchObject({ code: 'NotFound' });
  await tagSync.settled();
});
