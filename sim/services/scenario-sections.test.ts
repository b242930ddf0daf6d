import { expect, test } from 'vitest';
import type { ServiceDefinition } from '#sim/kernel/contract.ts';
import { service as elbv2 } from './elbv2/index.ts';
import { service as events } from './events/index.ts';
import { service as lambda } from './lambda/index.ts';
import { service as rds } from './rds/index.ts';
import { service as route53 } from './route53/index.ts';
import { service as sns } from './sns/index.ts';
import { service as ssm } from './ssm/index.ts';

interface BadSection {
  readonly name: string;
  readonly service: ServiceDefinition;
  readonly section: unknown;
  readonly path: readonly (string | number)[];
}

test.each<BadSection>([
  {
    name: 'two clusters of one name',
    service: rds,
    section: { clusters: [{ id: 'a' }, { id: 'A' }] },
    path: ['clusters', 1, 'id'],
  },
  {
    name: 'an unknown outcome of a failover',
    service: rds,
    section: { clusters: [{ id: 'a', failover: 'explode' }] },
    path: ['clusters', 0, 'failover'],
  },
  {
    name: 'a member of a global cluster without a Region',
    service: rds,
    section: { globalClusters: [{ id: 'g', primary: 'ledger' }] },
    path: ['globalClusters', 0, 'primary'],
  },
  {
    name: 'a pattern that is no regular expression',
    service: ssm,
    section: { scripts: [{ match: '(' }] },
    path: ['scripts', 0, 'match'],
  },
  {
    name: 'a record with neither values nor alias',
    service: route53,
    section: { zones: [{ name: 'a.com', records: [{ name: 'x.a.com', type: 'A' }] }] },
    path: ['zones', 0, 'records', 0],
  },
  {
    name: 'two listeners on one port',
    service: elbv2,
    section: {
      targetGroups: [{ name: 'app' }],
      loadBalancers: [
        {
          name: 'lb',
          listeners: [
            { port: 80, forward: 'app' },
            { port: 80, forward: 'app' },
          ],
        },
      ],
    },
    path: ['loadBalancers', 0, 'listeners', 1, 'port'],
  },
  {
    name: 'two topics of one name',
    service: sns,
    section: { topics: [{ name: 'a' }, { name: 'a' }] },
    path: ['topics', 1, 'name'],
  },
  {
    name: 'a bus with a slash',
    service: events,
    section: { buses: [{ name: 'a/b' }] },
    path: ['buses', 0, 'name'],
  },
  {
    name: 'a misspelt key',
    service: lambda,
    section: { functions: [{ name: 'f', reponse: 1 }] },
    path: ['functions', 0],
  },
])('a scenario with $name is refused, with the place', ({ service, section, path }) => {
  expect(service.scenario!.safeParse(section).error!.issues[0]!.path).toEqual(path);
});

test.each([rds, ssm, route53, elbv2, lambda, sns, events])(
  'an empty section of $name is a section',
  (service) => {
    expect(service.scenario!.safeParse({}).success).toBe(true);
  },
);
