import type {
  ChangeResourceRecordSetsCommandOutput,
  GetChangeCommandOutput,
  ListResourceRecordSetsCommandOutput,
  ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import { describe, expect, test } from 'vitest';
import { ACCOUNT, testWorld, type TestWorld } from '../testing.ts';
import { service } from './index.ts';

const ZONE = 'Z00000000000000BANK1';
const app = { name: 'app.company.com', type: 'CNAME', ttl: 60, values: ['primary-lb.elb.amazonaws.com'] };

function company(zone: object = {}): TestWorld {
  const zones = [{ name: 'company.com', id: ZONE, records: [app], ...zone }];
  return testWorld([service], { route53: { global: { zones } } });
}

type Given = Partial<ResourceRecordSet> & { value?: string };

function change(Action: string, { value, ...record }: Given) {
  const values = value === undefined ? {} : { TTL: 60, ResourceRecords: [{ Value: value }] };
  return { Action, ResourceRecordSet: { Name: 'app.company.com', Type: 'CNAME', ...values, ...record } };
}

function submit(sim: TestWorld, ...Changes: object[]): string {
  const input = { HostedZoneId: ZONE, ChangeBatch: { Changes } };
  return sim.invoke<ChangeResourceRecordSetsCommandOutput>('ChangeResourceRecordSets', input).ChangeInfo!.Id!;
}

const refusal = (sim: TestWorld, ...Changes: object[]) =>
  sim.refused('ChangeResourceRecordSets', { HostedZoneId: `/hostedzone/${ZONE}`, ChangeBatch: { Changes } });

function valueOf(sim: TestWorld, name: string): string | undefined {
  const { ResourceRecordSets } = sim.invoke<ListResourceRecordSetsCommandOutput>('ListResourceRecordSets', {
    HostedZoneId: ZONE,
    StartRecordName: name,
    MaxItems: 1,
  });
  return ResourceRecordSets![0]?.ResourceRecords?.[0]?.Value;
}

describe('ChangeResourceRecordSets', () => {
  test('an UPSERT is listed at once and INSYNC after 30 to 60 seconds', () => {
    const sim = company();
    const Id = submit(sim, change('UPSERT', { value: 'recovered-lb.elb.amazonaws.com' }));
    const statusOf = (): string | undefined =>
      sim.invoke<GetChangeCommandOutput>('GetChange', { Id }).ChangeInfo!.Status;
    expect(Id).toMatch(/^\/change\/C[0-9A-F]{20}$/);
    expect(valueOf(sim, 'app.company.com')).toBe('recovered-lb.elb.amazonaws.com');
    sim.pass(29);
    expect(statusOf()).toBe('PENDING');
    sim.pass(31);
    expect(statusOf()).toBe('INSYNC');
  });

  test('a repeated UPSERT is accepted again, as a change of its own', () => {
    const sim = company();
    const first = submit(sim, change('UPSERT', { value: 'b.example.com' }));
    sim.pass(1);
    const second = submit(sim, change('UPSERT', { value: 'b.example.com' }));
    expect(second).not.toBe(first);
    expect(sim.world.table({ accountId: ACCOUNT, region: 'global' }, 'route53.changes').size).toBe(2);
  });

  test('a batch with one bad change changes nothing, and names every problem', () => {
    const sim = company();
    const error = refusal(
      sim,
      change('UPSERT', { value: 'new.example.com' }),
      change('CREATE', { value: 'x.example.com' }),
      change('DELETE', { Name: 'gone.company.com', value: 'x.example.com' }),
    );
    expect(error.code).toBe('InvalidChangeBatch');
    expect(error.members).toEqual({
      messages: [
        "Tried to create resource record set [name='app.company.com.', type='CNAME'] but it already exists",
        "Tried to delete resource record set [name='gone.company.com.', type='CNAME'] but it was not found",
      ],
    });
    expect(valueOf(sim, 'app.company.com')).toBe('primary-lb.elb.amazonaws.com');
  });

  test('DELETE and CREATE of another type replace a record in one batch', () => {
    const sim = company();
    submit(
      sim,
      change('DELETE', { value: 'primary-lb.elb.amazonaws.com' }),
      change('CREATE', { Type: 'A', value: '192.0.2.1' }),
    );
    expect(valueOf(sim, 'app.company.com')).toBe('192.0.2.1');
  });

  test('a change that arrives while the zone is accepting one is refused, and taken a moment later', () => {
    const sim = company();
    submit(sim, change('UPSERT', { value: 'a.example.com' }));
    expect(refusal(sim, change('UPSERT', { value: 'b.example.com' })).code).toBe('PriorRequestNotComplete');
    sim.pass(0.2);
    submit(sim, change('UPSERT', { value: 'b.example.com' }));
    expect(valueOf(sim, 'app.company.com')).toBe('b.example.com');
  });

  test('a zone that the scenario declares busy refuses for so long', () => {
    const sim = company({ busySeconds: 10 });
    expect(refusal(sim, change('UPSERT', { value: 'b.example.com' })).code).toBe('PriorRequestNotComplete');
    sim.pass(10);
    submit(sim, change('UPSERT', { value: 'b.example.com' }));
  });

  test.each([
    {
      name: 'a name outside the zone',
      given: change('UPSERT', { Name: 'app.other.com', value: 'x.example.com' }),
      message: 'RRSet with DNS name app.other.com. is not permitted in zone company.com.',
    },
    {
      name: 'a CNAME at the apex',
      given: change('UPSERT', { Name: 'company.com', value: 'x.example.com' }),
      message: 'RRSet of type CNAME with DNS name company.com. is not permitted at apex in zone company.com.',
    },
    {
      name: 'an A record beside a CNAME',
      given: change('UPSERT', { Type: 'A', value: '192.0.2.1' }),
      message:
        'RRSet of type A with DNS name app.company.com. is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone company.com.',
    },
    {
      name: 'an A record that is no address',
      given: change('UPSERT', { Name: 'x.company.com', Type: 'A', value: 'lb.example.com' }),
      message:
        "Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with 'lb.example.com''",
    },
    {
      name: 'a DELETE with other values',
      given: change('DELETE', { value: 'other.example.com' }),
      message:
        "Tried to delete resource record set [name='app.company.com.', type='CNAME'] but the values provided do not match the current values",
    },
    {
      name: 'the removal of the SOA record',
      given: change('DELETE', { Name: 'company.com', Type: 'SOA', value: 'x' }),
      message: 'A HostedZone must contain exactly one SOA record.',
    },
  ])('refuses $name', ({ given, message }) => {
    const error = refusal(company(), given);
    expect([error.code, error.message]).toEqual(['InvalidChangeBatch', `[${message}]`]);
  });

  test.each([
    { name: 'neither values nor alias', given: change('UPSERT', {}), code: 'InvalidInput' },
    { name: 'an empty batch', given: undefined, code: 'InvalidInput' },
  ])('refuses $name with $code', ({ given, code }) => {
    expect(refusal(company(), ...(given === undefined ? [] : [given])).code).toBe(code);
  });

  test('takes 500 UPSERTs of a value, and refuses 501', () => {
    const upserts = (count: number): object[] =>
      Array.from({ length: count }, (_, index) =>
        change('UPSERT', { Name: `h${index}.company.com`, value: 'x.example.com' }),
      );
    expect(refusal(company(), ...upserts(501)).message).toBe('[Number of records limit of 1000 exceeded.]');
    submit(company(), ...upserts(500));
  });
});

describe('alias records', () => {
  const alias = (DNSName: string, HostedZoneId: string): object =>
    change('UPSERT', {
      Name: 'www.company.com',
      Type: 'A',
      AliasTarget: { DNSName, HostedZoneId, EvaluateTargetHealth: true },
    });
  const balancer = 'dualstack.bank-1234.eu-west-1.elb.amazonaws.com';

  test('point to a load balancer by its zone id', () => {
    const sim = company();
    submit(sim, alias(balancer, 'Z32O12XQLNTSW2'));
    const { ResourceRecordSets } = sim.invoke<ListResourceRecordSetsCommandOutput>('ListResourceRecordSets', {
      HostedZoneId: ZONE,
      StartRecordName: 'www.company.com',
    });
    expect(ResourceRecordSets).toEqual([
      {
        Name: 'www.company.com.',
        Type: 'A',
        AliasTarget: { DNSName: `${balancer}.`, HostedZoneId: 'Z32O12XQLNTSW2', EvaluateTargetHealth: true },
      },
    ]);
  });

  test.each([
    { name: 'the zone id of another Region', target: balancer, zone: 'Z215JYRZR1TBD5' },
    { name: 'a name of the same zone that has no record', target: 'none.company.com', zone: ZONE },
  ])('refuse $name', ({ target, zone }) => {
    expect(refusal(company(), alias(target, zone)).code).toBe('InvalidChangeBatch');
  });
});
