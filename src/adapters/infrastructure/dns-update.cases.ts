import type { Simulation } from '#sim/index.ts';
import { changes, records, zones } from '#sim/services/route53/rows.ts';
import { ACCOUNT, type OperationCase } from '../testing/operation-case.ts';
import { dnsUpdate } from './dns-update.ts';

const LB = 'recovered-1234567890.us-west-2.elb.amazonaws.com';
const at = ({ world }: Simulation) => ({ world, accountId: ACCOUNT, now: world.now });

/** An UPSERT of what is there already changes nothing, so changes that say the same count once. */
function countChanges(simulation: Simulation): number {
  const all = changes(at(simulation)).all();
  return new Set(all.map(({ zoneId, changes: list }) => JSON.stringify([zoneId, list]))).size;
}

function recordsOf(simulation: Simulation, name: string) {
  const found = zones(at(simulation))
    .all()
    .flatMap(({ id }) => records(at(simulation), id).all());
  return found.filter((record) => record.Name === name);
}

/** The last change of each zone has reached all name servers: an earlier one that said the same does not matter. */
function isInSync(simulation: Simulation): boolean {
  const last = new Map(
    changes(at(simulation))
      .all()
      .map((change) => [change.zoneId, change]),
  );
  return [...last.values()].every(({ insyncAt }) => insyncAt <= simulation.world.now);
}

const NO_QUOTA = { quota: 'LimitsExceeded of Route 53 does not pass by itself: too many records' };

export const cases: OperationCase[] = [
  {
    name: 'a CNAME leads to the recovered load balancer',
    operation: dnsUpdate,
    estate: {
      regions: { 'us-west-2': {} },
      route53: {
        zones: [
          {
            name: 'company.com',
            records: [{ name: 'app.company.com', type: 'CNAME', ttl: 60, values: ['old.example.com'] }],
          },
        ],
      },
    },
    resources: { route53Records: [{ recordName: 'app.company.com', newValue: LB }] },
    countEffects: countChanges,
    effects: 1,
    mayFailAfter: NO_QUOTA,
    isDone: (simulation) => {
      const [record] = recordsOf(simulation, 'app.company.com.');
      return record?.ResourceRecords?.[0]?.Value === LB && record.TTL === 60 && isInSync(simulation);
    },
  },
  {
    name: 'records of two zones change: an alias, a new address, and a CNAME that becomes an address',
    operation: dnsUpdate,
    estate: {
      regions: {
        'us-west-2': { elbv2: { loadBalancers: [{ name: 'recovered', dnsName: LB }] } },
      },
      route53: {
        zones: [
          {
            name: 'company.com',
            records: [
              { name: 'app.company.com', type: 'A', values: ['192.0.2.1'] },
              { name: 'api.company.com', type: 'CNAME', values: ['old.example.com'] },
            ],
          },
          { name: 'bank.example' },
        ],
      },
    },
    resources: {
      route53Records: [
        { recordName: 'app.company.com', newValue: LB },
        { recordName: 'api.company.com', newValue: '198.51.100.7' },
        { recordName: 'www.bank.example', newValue: '198.51.100.8' },
      ],
    },
    countEffects: (simulation) => {
      const touched = changes(at(simulation))
        .all()
        .flatMap(({ changes: list }) => list);
      return new Set(touched.map((one) => JSON.stringify(one))).size;
    },
    effects: 4,
    mayFailAfter: NO_QUOTA,
    undone: {
      is: (simulation) => {
        const [app] = recordsOf(simulation, 'app.company.com.');
        const api = recordsOf(simulation, 'api.company.com.');
        return (
          app?.ResourceRecords?.[0]?.Value === '192.0.2.1' &&
          api.length === 1 &&
          api[0]?.ResourceRecords?.[0]?.Value === 'old.example.com' &&
          recordsOf(simulation, 'www.bank.example.').length === 0
        );
      },
      // The alias is put back by the same UPSERT of that name and type, which counts once.
      effects: 3,
    },
    isDone: (simulation) => {
      const [app] = recordsOf(simulation, 'app.company.com.');
      const api = recordsOf(simulation, 'api.company.com.');
      const [www] = recordsOf(simulation, 'www.bank.example.');
      return (
        app?.AliasTarget?.DNSName === `${LB}.` &&
        app.AliasTarget.HostedZoneId === 'Z1H1FL5HABSF5' &&
        api.length === 1 &&
        api[0]?.ResourceRecords?.[0]?.Value === '198.51.100.7' &&
        www?.Type === 'A' &&
        isInSync(simulation)
      );
    },
  },
  {
    name: 'a record with a routing policy is left alone',
    operation: dnsUpdate,
    estate: {
      regions: { 'us-west-2': {} },
      route53: {
        zones: [
          {
            name: 'company.com',
            records: [
              {
                name: 'app.company.com',
                type: 'A',
                values: ['192.0.2.1'],
                setIdentifier: 'blue',
                weight: 10,
              },
            ],
          },
        ],
      },
    },
    resources: { route53Records: [{ recordName: 'app.company.com', newValue: '192.0.2.9' }] },
    ends: 'failed',
    countEffects: countChanges,
    effects: 0,
    isDone: () => false,
  },
];
