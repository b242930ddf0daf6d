import { describe, expect, test } from 'vitest';
import { runOperation } from '../testing/run-operation.ts';
import { testOperation } from '../testing/test-operation.ts';
import { assessUse, rulesOf, useOf, type Use } from '../testing/try-operation.ts';
import { cases } from './dns-update.cases.ts';
import { dnsUpdate } from './dns-update.ts';

testOperation(cases);

const LB = 'recovered-1234567890.us-west-2.elb.amazonaws.com';
const elbv2 = { loadBalancers: [{ name: 'recovered', dnsName: LB }] };
const withZones = (zones: object[], newRecords: object[]): Use => ({
  operation: dnsUpdate,
  estate: { regions: { 'us-west-2': { elbv2 } }, route53: { zones } },
  resources: { route53Records: newRecords },
});
const withRecords = (records: object[], ...newRecords: object[]): Use =>
  withZones([{ name: 'company.com', id: 'Z1', records }], newRecords);
const record = (type: string, value: string): object => ({ name: 'app.company.com', type, values: [value] });

describe('what a record is to be', () => {
  test.each([
    {
      name: 'an IPv4 address where there was nothing',
      present: [],
      wanted: { newValue: '192.0.2.7' },
      is: 'A 192.0.2.7',
    },
    { name: 'an IPv6 address', present: [], wanted: { newValue: '2001:db8::7' }, is: 'AAAA 2001:db8::7' },
    { name: 'a name', present: [], wanted: { newValue: 'new.example.com' }, is: 'CNAME new.example.com' },
    {
      name: 'the name of a load balancer, where there was nothing',
      present: [],
      wanted: { newValue: LB },
      is: `CNAME ${LB}`,
    },
    {
      name: 'the same where there was a CNAME',
      present: [record('CNAME', 'old.example.com')],
      wanted: { newValue: LB },
      is: `CNAME ${LB}`,
    },
    {
      name: 'the same where there was an address',
      present: [record('A', '192.0.2.1')],
      wanted: { newValue: LB },
      is: `A alias ${LB}.`,
    },
    {
      name: 'the same where an alias is asked for',
      present: [],
      wanted: { newValue: LB, alias: true },
      is: `A alias ${LB}.`,
    },
    {
      name: 'an alias with a zone that is given',
      present: [],
      wanted: { newValue: 'x.elb.amazonaws.com', alias: true, aliasZoneId: 'ZLB' },
      is: 'A alias x.elb.amazonaws.com.',
    },
    {
      name: 'a name where there was an address',
      present: [record('A', '192.0.2.1')],
      wanted: { newValue: 'new.example.com' },
      is: 'CNAME new.example.com',
    },
    {
      name: 'several addresses',
      present: [],
      wanted: { newValue: ['192.0.2.7', '192.0.2.8'] },
      is: 'A 192.0.2.7, 192.0.2.8',
    },
  ])('$name becomes $is', async ({ present, wanted, is }) => {
    const assessment = await assessUse(withRecords(present, { recordName: 'app.company.com', ...wanted }));
    expect(assessment.findings).toEqual([]);
    expect(assessment.resources[0]!.description).toMatch(new RegExp(`to be ${is.replaceAll('.', '\\.')}$`));
    expect(assessment.resources[0]!.lock).toBe('route53:Z1/app.company.com.');
  });
});

describe('the assessment finds', () => {
  const one = (recordName: string, newValue: string, more: object = {}) => ({
    recordName,
    newValue,
    ...more,
  });
  test.each([
    {
      name: 'a name in no zone',
      given: withRecords([], one('app.other.com', '192.0.2.7')),
      rule: 'error ResourceUnresolved',
    },
    {
      name: 'a name in two zones',
      given: withZones(
        [{ name: 'company.com' }, { name: 'company.com' }],
        [one('app.company.com', '192.0.2.7')],
      ),
      rule: 'error ZoneAmbiguous',
    },
    {
      name: 'a zone that does not contain the name',
      given: withRecords([], one('app.other.com', '192.0.2.7', { zoneId: 'Z1' })),
      rule: 'error ResourceUnresolved',
    },
    {
      name: 'a load balancer that is not in the account',
      given: withRecords(
        [record('A', '192.0.2.1')],
        one('app.company.com', 'gone-1.us-west-2.elb.amazonaws.com'),
      ),
      rule: 'error ResourceUnresolved',
    },
    {
      name: 'an address for a CNAME',
      given: withRecords([], one('app.company.com', '192.0.2.7', { type: 'CNAME' })),
      rule: 'error ValueUnfit',
    },
    {
      name: 'a CNAME at the top of a zone',
      given: withRecords([], one('company.com', 'new.example.com')),
      rule: 'error ValueUnfit',
    },
    {
      name: 'a CNAME beside mail',
      given: withRecords([record('MX', '10 mail.example.com')], one('app.company.com', 'new.example.com')),
      rule: 'error ValueUnfit',
    },
    {
      name: 'an alias to an address',
      given: withRecords([], one('app.company.com', '192.0.2.7', { alias: true })),
      rule: 'error ValueUnfit',
    },
    {
      name: 'a record that is as wanted',
      given: withRecords([record('A', '192.0.2.7')], one('app.company.com', '192.0.2.7')),
      rule: 'info NothingToDo',
    },
  ])('$name', async ({ given, rule }) => {
    expect(rulesOf(await assessUse(given))).toEqual([`${rule} resources.route53Records[0]`]);
  });
});

describe('a run', () => {
  test('takes the zone with the longest name, and not a private one', async () => {
    const given = withZones(
      [
        { name: 'company.com', id: 'Z1' },
        { name: 'eu.company.com', id: 'Z2' },
        { name: 'app.eu.company.com', id: 'Z3', private: true, vpcs: [{ id: 'vpc-1', region: 'us-west-2' }] },
      ],
      [{ recordName: 'app.eu.company.com', newValue: '192.0.2.7' }],
    );
    const run = await runOperation(useOf(given));
    expect(run.results).toMatchObject({
      records: [{ id: 'app.eu.company.com', zoneId: 'Z2', changed: true }],
    });
  });

  test('sends one batch a zone, and records what was before and how long resolvers may keep it', async () => {
    const given = withRecords(
      [
        { name: 'app.company.com', type: 'A', ttl: 120, values: ['192.0.2.1'] },
        { name: 'api.company.com', type: 'A', ttl: 60, values: ['192.0.2.2'] },
      ],
      { recordName: 'app.company.com', newValue: '192.0.2.7' },
      { recordName: 'api.company.com', newValue: '192.0.2.8', ttl: 30 },
    );
    const run = await runOperation(useOf(given));
    expect(run.simulation.stats.effects({ operation: 'ChangeResourceRecordSets' })).toBe(1);
    expect(run.outcomes[0]).toMatchObject({
      resourceId: 'app.company.com',
      status: 'completed',
      detail: 'A 192.0.2.7; resolvers may keep the old answer for 120 s',
      result: {
        before: [
          { Name: 'app.company.com.', Type: 'A', TTL: 120, ResourceRecords: [{ Value: '192.0.2.1' }] },
        ],
        after: [{ Name: 'app.company.com.', Type: 'A', TTL: 120, ResourceRecords: [{ Value: '192.0.2.7' }] }],
        ttlSeconds: 120,
      },
    });
    expect(run.outcomes[1]).toMatchObject({ result: { after: [{ TTL: 30 }], ttlSeconds: 60 } });
  });

  test('changes nothing where everything is as wanted', async () => {
    const given = withRecords([record('CNAME', 'New.example.com.')], {
      recordName: 'app.company.com',
      newValue: 'new.example.com',
    });
    const run = await runOperation(useOf(given));
    expect(run).toMatchObject({ status: 'completed', results: { records: [{ changed: false }] } });
    expect(run.simulation.stats.effects()).toBe(0);
  });

  test('of two records of which one cannot be changed changes the other, and fails', async () => {
    const given = withRecords(
      [],
      { recordName: 'app.other.com', newValue: '192.0.2.7' },
      { recordName: 'app.company.com', newValue: '192.0.2.8' },
    );
    const run = await runOperation(useOf(given));
    expect(run.status).toBe('failed');
    expect(run.outcomes.map(({ resourceId, status }) => [resourceId, status])).toEqual([
      ['app.other.com', 'failed'],
      ['app.company.com', 'completed'],
    ]);
  });

  test('waits while the zone is busy with a change of someone else', async () => {
    const busy = withZones(
      [{ name: 'company.com', busySeconds: 100 }],
      [{ recordName: 'app.company.com', newValue: '192.0.2.7' }],
    );
    const run = await runOperation(useOf(busy));
    expect(run.status).toBe('completed');
  });
});

test('a record that is named twice is refused, and one of each type is not', () => {
  const twice = (...types: string[]) =>
    dnsUpdate.resources.safeParse({
      route53Records: types.map((type) => ({ recordName: 'app.company.com', newValue: '192.0.2.7', type })),
    }).success;
  expect([twice('A', 'A'), twice('A', 'AAAA')]).toEqual([false, true]);
});
