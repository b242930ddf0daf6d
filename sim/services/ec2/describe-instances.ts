import type { DescribeInstancesCommandInput, Instance as InstanceShape } from '@aws-sdk/client-ec2';
import type { Call } from '#sim/kernel/contract.ts';
import { compileFilters } from './filters.ts';
import { stateAt } from './instances.ts';
import { hostNameOf } from './network.ts';
import { pager } from './pages.ts';
import type { InstanceRow } from './rows.ts';
import { selectRows } from './select.ts';
import { reservationIdOf, stateShape, STATE_CODES, tagList } from './views.ts';

/** Each instance in a reservation of its own. */
export function describeInstances(call: Call, input: DescribeInstancesCommandInput) {
  const cut = pager(input);
  const matches = compileFilters<InstanceRow>(input.Filters, {
    'availability-zone': (row) => [row.zone],
    'image-id': (row) => [row.imageId],
    'instance-id': (row) => [row.id],
    'instance-state-code': (row) => [String(STATE_CODES[stateAt(row, call.now)])],
    'instance-state-name': (row) => [stateAt(row, call.now)],
    'instance-type': (row) => [row.instanceType],
    'ip-address': (row) => [row.publicIp],
    platform: (row) => [row.platform === 'windows' ? 'windows' : null],
    'private-dns-name': (row) => [hostNameOf(call.region, row.privateIp)],
    'private-ip-address': (row) => [row.privateIp],
    'network-interface.addresses.private-ip-address': (row) => [row.privateIp],
    'subnet-id': (row) => [row.subnetId],
    'vpc-id': (row) => [row.vpcId],
  });
  const { items, next } = cut(selectRows(call, input.InstanceIds).filter(matches));
  return {
    Reservations: items.map((row) => ({
      ReservationId: reservationIdOf(row),
      OwnerId: call.accountId,
      Groups: [],
      Instances: [instanceShape(call, row)],
    })),
    NextToken: next,
  };
}

/** An instance as EC2 describes it now. A terminated one has no network any more. */
export function instanceShape(call: Call, row: InstanceRow): InstanceShape {
  const state = stateAt(row, call.now);
  const network =
    state === 'terminated'
      ? { PrivateDnsName: '', PublicDnsName: '' }
      : {
          PrivateIpAddress: row.privateIp,
          PrivateDnsName: hostNameOf(call.region, row.privateIp),
          PublicIpAddress: state === 'running' ? (row.publicIp ?? undefined) : undefined,
          PublicDnsName: '',
          VpcId: row.vpcId,
          SubnetId: row.subnetId,
        };
  return {
    InstanceId: row.id,
    ImageId: row.imageId,
    InstanceType: row.instanceType as NonNullable<InstanceShape['InstanceType']>,
    State: stateShape(state),
    StateTransitionReason: state === 'running' || state === 'pending' ? '' : 'User initiated',
    LaunchTime: new Date(row.launchedAt),
    Placement: { AvailabilityZone: row.zone, Tenancy: 'default' },
    // The wire says `windows`; only the SDK's enumeration says `Windows`.
    Platform: row.platform === 'windows' ? ('windows' as 'Windows') : undefined,
    PlatformDetails: row.platform === 'windows' ? 'Windows' : 'Linux/UNIX',
    Architecture: 'x86_64',
    VirtualizationType: 'hvm',
    RootDeviceType: 'ebs',
    RootDeviceName: row.platform === 'windows' ? '/dev/sda1' : '/dev/xvda',
    Monitoring: { State: 'disabled' },
    AmiLaunchIndex: 0,
    ...network,
    Tags: tagList(row.tags),
  };
}
