import { describe, expect, test } from 'vitest';
import type { ServiceDefinition } from '#sim/kernel/contract.ts';
import { service as elbv2 } from './elbv2/index.ts';
import { service as lambda } from './lambda/index.ts';
import { service as rds } from './rds/index.ts';
import { service as route53 } from './route53/index.ts';
import { ACCOUNT, testWorld } from './testing.ts';

const tags = { 'DR-Wave': '1' };

interface TaggedCase {
  readonly service: ServiceDefinition;
  readonly section: object;
  readonly region: string;
  readonly arn: RegExp;
}

describe.each<TaggedCase>([
  {
    service: rds,
    section: { clusters: [{ id: 'ledger', instances: 0, tags }] },
    region: 'eu-west-1',
    arn: /^arn:aws:rds:eu-west-1:111122223333:cluster:ledger$/,
  },
  {
    service: elbv2,
    section: { targetGroups: [{ name: 'app', tags }] },
    region: 'eu-west-1',
    arn: /^arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup\/app\/[0-9a-f]{16}$/,
  },
  {
    service: lambda,
    section: { functions: [{ name: 'warm', tags }] },
    region: 'eu-west-1',
    arn: /^arn:aws:lambda:eu-west-1:111122223333:function:warm$/,
  },
  {
    service: route53,
    section: { zones: [{ name: 'company.com', id: 'ZCOMPANY', tags }] },
    region: 'us-east-1',
    arn: /^arn:aws:route53:::hostedzone\/ZCOMPANY$/,
  },
])('resources of $service.name', ({ service, section, region, arn }) => {
  const place = service.global ? 'global' : region;
  const { world } = testWorld([service], { [service.name]: { [place]: section } });
  const call = world.callFor({ accountId: ACCOUNT, region }, 'aws');
  const only = () => service.taggedResources!(call)[0]!;

  test('are found with their tags', () => {
    expect(only().arn).toMatch(arn);
    expect(only().tags).toEqual(tags);
  });

  test('change their tags by ARN; an ARN of nothing is none', () => {
    expect(service.changeTags!(call, only().arn, { 'DR-Wave': null, Team: 'core' })).toBe(true);
    expect(only().tags).toEqual({ Team: 'core' });
    expect(service.changeTags!(call, `${only().arn}-none`, { Team: 'other' })).toBe(false);
    expect(only().tags).toEqual({ Team: 'core' });
  });
});
