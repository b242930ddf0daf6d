import type { Aws } from '#aws/aws.ts';
import { createAws } from '#aws/create-aws.ts';
import { ALL_SERVICES } from '#aws/services/all.ts';
import type { AwsOptions } from '#aws/options.ts';
import { virtualClock } from '#clocks/virtual.ts';
import { createSimulation, defaultAccessKey, parseScenario } from '#sim/index.ts';

export const OWN = '111122223333';
export const OTHER = '444455556666';
export const REGION = 'eu-central-1';
export const SERVER_1 = 's-00000000000000001';
export const SERVER_2 = 's-00000000000000002';

/** Two accounts: the caller's own with two servers, and one with a role that has an external id and may not all. */
export function testEstate(
  accounts: AwsOptions['accounts'],
  { faults = [] }: { readonly faults?: readonly object[] } = {},
): Aws {
  const startsAt = '2026-11-24T10:00:00Z';
  const clock = virtualClock({ startsAt: Date.parse(startsAt) });
  const sourceServers = [
    { id: SERVER_1, hostname: 'web-1', tags: { Tier: 'web' } },
    { id: SERVER_2, hostname: 'db-1', tags: { Tier: 'db' }, replication: 'STALLED' },
  ];
  const scenario = parseScenario({
    name: 'estate',
    startsAt,
    faults,
    accounts: [
      { accountId: OWN, regions: { [REGION]: { drs: { sourceServers } } } },
      {
        accountId: OTHER,
        roles: [
          {
            name: 'breakwater',
            externalId: 'bw-1',
            trusts: [OWN],
            denies: ['rds:DescribeDBClusters', 'rds:DescribeDBInstances', 'route53:*'],
          },
        ],
        regions: {
          [REGION]: { drs: { sourceServers: [{ hostname: 'web-9', tags: { Tier: 'web' } }] } },
          'eu-west-1': { drs: { initialized: false } },
        },
      },
    ],
  });
  const simulation = createSimulation({ scenario, clock });
  return createAws({
    services: ALL_SERVICES,
    clock,
    region: REGION,
    credentials: defaultAccessKey(OWN),
    accounts,
    sessionName: 'breakwater-test',
    random: () => 0.5,
    requestHandler: simulation.requestHandler(),
  });
}
