import { expect, test } from 'vitest';
import { service as ec2 } from './ec2/index.ts';
import { service as elbv2 } from './elbv2/index.ts';
import { service as events } from './events/index.ts';
import { service as lambda } from './lambda/index.ts';
import { service as rds } from './rds/index.ts';
import { service as route53 } from './route53/index.ts';
import { service as sns } from './sns/index.ts';
import { service as ssm } from './ssm/index.ts';
import { ACCOUNT, testWorld } from './testing.ts';

test('what the services keep is plain JSON: it is the same after it was written down and read back', () => {
  const forward = { port: 80, forward: 'app', rules: [{ priority: 1, paths: ['/a'], forward: 'app' }] };
  const sim = testWorld([rds, ec2, ssm, lambda, route53, elbv2, sns, events], {
    rds: {
      'eu-west-1': {
        clusters: [{ id: 'ledger' }],
        instances: [{ id: 'cards', multiAz: true }],
        globalClusters: [
          { id: 'bank', primary: 'eu-west-1/ledger', secondaries: ['eu-central-1/ledger-dr'] },
        ],
      },
      'eu-central-1': { clusters: [{ id: 'ledger-dr' }] },
    },
    ec2: { 'eu-west-1': { instances: [{ id: 'i-app01' }] } },
    ssm: { 'eu-west-1': { scripts: [{ match: 'x' }], documents: [{ name: 'Run', type: 'Automation' }] } },
    lambda: { 'eu-west-1': { functions: [{ name: 'warm', error: 'boom' }] } },
    route53: { global: { zones: [{ name: 'company.com', id: 'ZCOMPANY' }] } },
    sns: { 'eu-west-1': { topics: [{ name: 'notices' }] } },
    events: { 'eu-west-1': { buses: [{ name: 'flaky', refuses: 'InternalFailure', times: 1 }] } },
    elbv2: {
      'eu-west-1': {
        targetGroups: [{ name: 'app' }],
        loadBalancers: [{ name: 'bank', listeners: [forward] }],
      },
    },
  });
  const act = (service: string, operation: string, input: object): unknown =>
    sim.invoke(operation, input, { service });
  const [group] = sim.world
    .table<{ arn: string }>({ accountId: ACCOUNT, region: 'eu-west-1' }, 'elbv2.targetGroups')
    .all();
  act('rds', 'FailoverDBCluster', { DBClusterIdentifier: 'ledger' });
  act('rds', 'RebootDBInstance', { DBInstanceIdentifier: 'cards', ForceFailover: true });
  act('rds', 'FailoverGlobalCluster', {
    GlobalClusterIdentifier: 'bank',
    TargetDbClusterIdentifier: `arn:aws:rds:eu-central-1:${ACCOUNT}:cluster:ledger-dr`,
    AllowDataLoss: true,
  });
  act('ssm', 'SendCommand', {
    DocumentName: 'AWS-RunShellScript',
    Parameters: { commands: ['x'] },
    InstanceIds: ['i-app01'],
  });
  act('ssm', 'StartAutomationExecution', { DocumentName: 'Run' });
  act('lambda', 'Invoke', { FunctionName: 'warm', InvocationType: 'Event', Payload: Buffer.from('{}') });
  act('route53', 'ChangeResourceRecordSets', {
    HostedZoneId: 'ZCOMPANY',
    ChangeBatch: {
      Changes: [
        {
          Action: 'UPSERT',
          ResourceRecordSet: {
            Name: 'a.company.com',
            Type: 'A',
            TTL: 1,
            ResourceRecords: [{ Value: '192.0.2.1' }],
          },
        },
      ],
    },
  });
  act('sns', 'Publish', { TopicArn: `arn:aws:sns:eu-west-1:${ACCOUNT}:notices`, Message: 'x' });
  const event = { Source: 'a', DetailType: 'b', Detail: '{}', Time: new Date(0) };
  act('events', 'PutEvents', { Entries: [event, { ...event, EventBusName: 'flaky' }] });
  act('elbv2', 'RegisterTargets', {
    TargetGroupArn: group!.arn,
    Targets: [{ Id: 'i-app01' }],
  });
  const changes = sim.world.takeChanges();
  expect(changes.length).toBeGreaterThan(40);
  expect(JSON.parse(JSON.stringify(changes))).toEqual(changes);
});
