import {
  ChangeResourceRecordSetsCommand,
  ChangeTagsForResourceCommand,
  CreateHostedZoneCommand,
  GetChangeCommand,
  GetHostedZoneCommand,
  InvalidChangeBatch,
  ListHealthChecksCommand,
  ListHostedZonesByNameCommand,
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  ListTagsForResourceCommand,
  PriorRequestNotComplete,
  Route53Client,
  type Change,
} from '@aws-sdk/client-route-53';
import { expect, test } from 'vitest';
import { START } from '../testing.ts';
import { wireWorld } from '../wire-testing.ts';

const sim = wireWorld({
  route53: {
    zones: [
      {
        name: 'company.com',
        id: 'ZCOMPANY',
        records: [{ name: 'app.company.com', type: 'CNAME', ttl: 60, values: ['primary.example.com'] }],
      },
    ],
    healthChecks: [{ id: 'hc-1', fqdn: 'app.company.com' }],
  },
});
const route53 = new Route53Client(sim.client('us-east-1'));

function submit(Action: 'CREATE' | 'UPSERT', Value: string) {
  const record = { Name: 'app.company.com', Type: 'CNAME' as const, TTL: 60, ResourceRecords: [{ Value }] };
  const Changes: Change[] = [{ Action, ResourceRecordSet: record }];
  return route53.send(
    new ChangeResourceRecordSetsCommand({ HostedZoneId: 'ZCOMPANY', ChangeBatch: { Changes } }),
  );
}

test('a record changes and comes into sync as a real client sees it', async () => {
  const { ChangeInfo } = await submit('UPSERT', 'recovered.example.com');
  expect(ChangeInfo).toMatchObject({ Status: 'PENDING', SubmittedAt: new Date(START) });
  await expect(submit('UPSERT', 'other.example.com')).rejects.toBeInstanceOf(PriorRequestNotComplete);
  sim.pass(60);
  expect((await route53.send(new GetChangeCommand({ Id: ChangeInfo!.Id }))).ChangeInfo!.Status).toBe(
    'INSYNC',
  );
  const listed = await route53.send(
    new ListResourceRecordSetsCommand({
      HostedZoneId: 'ZCOMPANY',
      StartRecordName: 'app.company.com',
      MaxItems: 1,
    }),
  );
  expect(listed).toMatchObject({
    IsTruncated: false,
    MaxItems: 1,
    ResourceRecordSets: [
      {
        Name: 'app.company.com.',
        Type: 'CNAME',
        TTL: 60,
        ResourceRecords: [{ Value: 'recovered.example.com' }],
      },
    ],
  });
});

test('a refused batch gives its messages', async () => {
  const error = await submit('CREATE', 'x.example.com').catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(InvalidChangeBatch);
  const message =
    "Tried to create resource record set [name='app.company.com.', type='CNAME'] but it already exists";
  expect((error as InvalidChangeBatch).messages).toEqual([message]);
});

test('zones, tags and health checks cross the wire', async () => {
  expect((await route53.send(new ListHostedZonesCommand({}))).HostedZones).toMatchObject([
    {
      Id: '/hostedzone/ZCOMPANY',
      Name: 'company.com.',
      ResourceRecordSetCount: 3,
      Config: { PrivateZone: false },
    },
  ]);
  expect((await route53.send(new ListHostedZonesByNameCommand({ DNSName: 'company.com' }))).DNSName).toBe(
    'company.com',
  );
  expect(
    (await route53.send(new GetHostedZoneCommand({ Id: 'ZCOMPANY' }))).DelegationSet!.NameServers!.length,
  ).toBe(4);
  const created = await route53.send(
    new CreateHostedZoneCommand({ Name: 'new.example', CallerReference: '1' }),
  );
  expect(created.Location).toMatch(/^https:\/\/route53\.amazonaws\.com\/2013-04-01\/hostedzone\/Z/);
  const zone = { ResourceType: 'hostedzone' as const, ResourceId: 'ZCOMPANY' };
  await route53.send(
    new ChangeTagsForResourceCommand({ ...zone, AddTags: [{ Key: 'Team', Value: 'core' }] }),
  );
  expect((await route53.send(new ListTagsForResourceCommand(zone))).ResourceTagSet!.Tags).toEqual([
    { Key: 'Team', Value: 'core' },
  ]);
  expect((await route53.send(new ListHealthChecksCommand({}))).HealthChecks).toMatchObject([{ Id: 'hc-1' }]);
});
