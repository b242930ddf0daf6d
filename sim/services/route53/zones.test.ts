import type {
  CreateHostedZoneCommandOutput,
  ListHostedZonesByNameCommandOutput,
  ListHostedZonesCommandOutput,
  ListResourceRecordSetsCommandOutput,
} from '@aws-sdk/client-route-53';
import { describe, expect, test } from 'vitest';
import { testWorld } from '../testing.ts';
import { service } from './index.ts';

const record = (name: string) => ({ name, type: 'A', values: ['192.0.2.1'] });
const sim = testWorld([service], {
  route53: {
    global: {
      zones: [
        {
          name: 'company.com',
          id: 'ZCOMPANY',
          records: [
            record('b.company.com'),
            record('a.b.company.com'),
            record('*.company.com'),
            record('A.company.com'),
          ],
        },
        { name: 'bank.example', id: 'ZBANK', tags: { 'DR-Wave': '3' } },
        { name: 'internal', id: 'ZINTERNAL', private: true, vpcs: [{ id: 'vpc-1', region: 'eu-west-1' }] },
      ],
    },
  },
});

describe('ListResourceRecordSets', () => {
  const list = (input: object = {}): ListResourceRecordSetsCommandOutput =>
    sim.invoke('ListResourceRecordSets', { HostedZoneId: 'ZCOMPANY', ...input });
  const namesOf = (output: ListResourceRecordSetsCommandOutput): string[] =>
    output.ResourceRecordSets!.map(({ Name, Type }) => `${Name} ${Type}`);

  test('sorts by reversed labels, then by type', () => {
    expect(namesOf(list())).toEqual([
      'company.com. NS',
      'company.com. SOA',
      '\\052.company.com. A',
      'a.company.com. A',
      'b.company.com. A',
      'a.b.company.com. A',
    ]);
  });

  test('pages by the next name and type', () => {
    const first = list({ MaxItems: 1 });
    expect(first).toMatchObject({ IsTruncated: true, NextRecordName: 'company.com.', NextRecordType: 'SOA' });
    const second = list({ StartRecordName: 'company.com', StartRecordType: 'SOA', MaxItems: 2 });
    expect(namesOf(second)).toEqual(['company.com. SOA', '\\052.company.com. A']);
    expect(namesOf(list({ StartRecordName: 'b.company.com' }))).toEqual([
      'b.company.com. A',
      'a.b.company.com. A',
    ]);
    expect(list({ StartRecordName: 'zzz.company.com' }).ResourceRecordSets).toEqual([]);
  });

  test('refuses a type without a name, and an unknown zone', () => {
    expect(
      sim.refused('ListResourceRecordSets', { HostedZoneId: 'ZCOMPANY', StartRecordType: 'A' }).code,
    ).toBe('InvalidInput');
    expect(sim.refused('ListResourceRecordSets', { HostedZoneId: 'ZNONE' }).code).toBe('NoSuchHostedZone');
  });
});

describe('zones', () => {
  test('are listed by page', () => {
    const first = sim.invoke<ListHostedZonesCommandOutput>('ListHostedZones', { MaxItems: 2 });
    const second = sim.invoke<ListHostedZonesCommandOutput>('ListHostedZones', {
      MaxItems: 2,
      Marker: first.NextMarker,
    });
    expect([...first.HostedZones!, ...second.HostedZones!].map((zone) => zone.Id)).toEqual([
      '/hostedzone/ZCOMPANY',
      '/hostedzone/ZBANK',
      '/hostedzone/ZINTERNAL',
    ]);
    expect(second.IsTruncated).toBe(false);
  });

  test('are listed by reversed name from a name on', () => {
    const names = (DNSName: string): (string | undefined)[] =>
      sim
        .invoke<ListHostedZonesByNameCommandOutput>('ListHostedZonesByName', { DNSName })
        .HostedZones!.map((zone) => zone.Name);
    expect(names('company.com')).toEqual(['company.com.', 'bank.example.', 'internal.']);
    expect(names('x.example')).toEqual(['internal.']);
  });

  test('tell whether they are private', () => {
    expect(sim.invoke('GetHostedZone', { Id: 'ZINTERNAL' })).toMatchObject({
      HostedZone: { Config: { PrivateZone: true } },
      VPCs: [{ VPCId: 'vpc-1', VPCRegion: 'eu-west-1' }],
    });
  });

  test('are created with NS and SOA records, once for each caller reference', () => {
    const input = { Name: 'new.example', CallerReference: 'once' };
    const { HostedZone } = sim.invoke<CreateHostedZoneCommandOutput>('CreateHostedZone', input);
    expect(HostedZone).toMatchObject({ Name: 'new.example.', ResourceRecordSetCount: 2 });
    expect(sim.refused('CreateHostedZone', input).code).toBe('HostedZoneAlreadyExists');
  });

  test('have tags', () => {
    sim.invoke('ChangeTagsForResource', {
      ResourceType: 'hostedzone',
      ResourceId: 'ZBANK',
      AddTags: [{ Key: 'Team', Value: 'core' }],
      RemoveTagKeys: ['DR-Wave'],
    });
    expect(
      sim.invoke('ListTagsForResource', { ResourceType: 'hostedzone', ResourceId: 'ZBANK' }),
    ).toMatchObject({
      ResourceTagSet: { Tags: [{ Key: 'Team', Value: 'core' }] },
    });
  });

  test('an unknown change is refused', () => {
    expect(sim.refused('GetChange', { Id: 'CNONE' }).code).toBe('NoSuchChange');
  });
});
