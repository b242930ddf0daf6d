import {
  GetResourcesCommand,
  GetTagKeysCommand,
  GetTagValuesCommand,
  ResourceGroupsTaggingAPIClient,
  TagResourcesCommand,
  UntagResourcesCommand,
  type GetResourcesCommandInput,
} from '@aws-sdk/client-resource-groups-tagging-api';
import { describe, expect, test } from 'vitest';
import { virtualClock } from '#clocks/virtual.ts';
import { createSimulation, parseScenario } from '#sim/index.ts';
import { rejection } from '#sim/kernel/testing.ts';

const INSTANCE = (id: string) => `arn:aws:ec2:us-west-2:111111111111:instance/${id}`;
const SERVER = 'arn:aws:drs:us-west-2:111111111111:source-server/s-11111111111111111';
const CLUSTER = 'arn:aws:rds:us-west-2:111111111111:cluster:core-db';

function start() {
  const scenario = parseScenario({
    name: 'tagging',
    startsAt: '2026-03-01T10:00:00Z',
    accounts: [
      {
        accountId: '111111111111',
        regions: {
          'us-west-2': {
            ec2: {
              instances: [
                { id: 'i-a', tags: { App: 'core', Wave: '1' } },
                { id: 'i-b', tags: { App: 'core', Wave: '2' } },
                { id: 'i-c', tags: { App: 'web', Wave: '1' } },
                { id: 'i-d' },
              ],
            },
            rds: { clusters: [{ id: 'core-db', instances: 0, tags: { App: 'core' } }] },
            drs: {
              sourceServers: [{ id: 's-11111111111111111', hostname: 'app-01', tags: { App: 'core' } }],
            },
          },
        },
        route53: { zones: [{ id: 'Z1', name: 'bank.example', tags: { App: 'core' } }] },
      },
    ],
  });
  const simulation = createSimulation({ scenario, clock: virtualClock({ startsAt: scenario.startsAt }) });
  const clientIn = (region: string) =>
    new ResourceGroupsTaggingAPIClient({
      region,
      credentials: simulation.accounts[0]!,
      requestHandler: simulation.requestHandler(),
      maxAttempts: 1,
    });
  const client = clientIn('us-west-2');
  const find = async (input: GetResourcesCommandInput, from = client) =>
    (await from.send(new GetResourcesCommand(input))).ResourceTagMappingList?.map(
      ({ ResourceARN }) => ResourceARN,
    );
  return { client, clientIn, find };
}

describe('GetResources', () => {
  test.each<{ what: string; input: GetResourcesCommandInput; found: string[] }>([
    {
      what: 'one key and value',
      input: { TagFilters: [{ Key: 'Wave', Values: ['1'] }] },
      found: [INSTANCE('i-a'), INSTANCE('i-c')],
    },
    {
      what: 'any of several values',
      input: { TagFilters: [{ Key: 'Wave', Values: ['1', '2'] }] },
      found: [INSTANCE('i-a'), INSTANCE('i-b'), INSTANCE('i-c')],
    },
    {
      what: 'all of several keys',
      input: {
        TagFilters: [
          { Key: 'Wave', Values: ['1'] },
          { Key: 'App', Values: ['core'] },
        ],
      },
      found: [INSTANCE('i-a')],
    },
    {
      what: 'a key with any value',
      input: { TagFilters: [{ Key: 'Wave' }], ResourceTypeFilters: ['ec2:instance'] },
      found: ['i-a', 'i-b', 'i-c'].map(INSTANCE),
    },
    { what: 'a type', input: { ResourceTypeFilters: ['rds:cluster', 'drs'] }, found: [SERVER, CLUSTER] },
    { what: 'ARNs', input: { ResourceARNList: [CLUSTER, INSTANCE('i-d')] }, found: [CLUSTER] },
    { what: 'nothing', input: { TagFilters: [{ Key: 'None' }] }, found: [] },
  ])('finds by $what', async ({ input, found }) => {
    expect(await start().find(input)).toEqual(found);
  });

  test('pages with a token, and ends with an empty one', async () => {
    const { client } = start();
    const first = await client.send(
      new GetResourcesCommand({ ResourceTypeFilters: ['ec2'], ResourcesPerPage: 2 }),
    );
    const { PaginationToken } = first;
    const second = await client.send(
      new GetResourcesCommand({ ResourceTypeFilters: ['ec2'], ResourcesPerPage: 2, PaginationToken }),
    );

    expect(first.ResourceTagMappingList).toHaveLength(2);
    expect(PaginationToken).not.toBe('');
    expect(second).toMatchObject({
      PaginationToken: '',
      ResourceTagMappingList: [{ ResourceARN: INSTANCE('i-c') }],
    });
  });

  test('shows global resources in us-east-1 alone', async () => {
    const { find, clientIn } = start();

    expect(await find({ ResourceTypeFilters: ['route53'] })).toEqual([]);
    expect(await find({ ResourceTypeFilters: ['route53'] }, clientIn('us-east-1'))).toEqual([
      'arn:aws:route53:::hostedzone/Z1',
    ]);
  });

  test.each<{ what: string; input: GetResourcesCommandInput; name: string }>([
    { what: 'pages of more than 100', input: { ResourcesPerPage: 101 }, name: 'InvalidParameterException' },
    {
      what: 'ARNs together with filters',
      input: { ResourceARNList: [CLUSTER], TagFilters: [{ Key: 'App' }] },
      name: 'InvalidParameterException',
    },
    {
      what: 'a token that it never gave',
      input: { PaginationToken: 'made-up' },
      name: 'PaginationTokenExpiredException',
    },
  ])('refuses $what', async ({ input, name }) => {
    expect(await rejection(start().find(input))).toMatchObject({ name });
  });
});

test('GetTagKeys and GetTagValues list each name once, in order', async () => {
  const { client } = start();

  expect((await client.send(new GetTagKeysCommand({}))).TagKeys).toEqual(
    ['App', 'Name', 'Wave'].filter((key) => key !== 'Name'),
  );
  expect((await client.send(new GetTagValuesCommand({ Key: 'App' }))).TagValues).toEqual(['core', 'web']);
});

test('TagResources and UntagResources change tags, and say of each resource what failed', async () => {
  const { client, find } = start();
  const tagged = await client.send(
    new TagResourcesCommand({
      ResourceARNList: [INSTANCE('i-d'), CLUSTER, SERVER, INSTANCE('i-none')],
      Tags: { Owner: 'bank' },
    }),
  );

  expect(await find({ TagFilters: [{ Key: 'Owner', Values: ['bank'] }] })).toEqual([
    INSTANCE('i-d'),
    CLUSTER,
  ]);
  expect(Object.keys(tagged.FailedResourcesMap ?? {})).toEqual([SERVER, INSTANCE('i-none')]);
  expect(tagged.FailedResourcesMap?.[SERVER]).toMatchObject({
    StatusCode: 400,
    ErrorMessage: 'drs resources cannot be tagged through this API.',
  });

  await client.send(new UntagResourcesCommand({ ResourceARNList: [CLUSTER], TagKeys: ['Owner'] }));
  expect(await find({ TagFilters: [{ Key: 'Owner' }] })).toEqual([INSTANCE('i-d')]);
});
