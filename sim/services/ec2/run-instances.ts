import type { RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import type { Call } from '#sim/kernel/contract.ts';
import { instanceShape } from './describe-instances.ts';
import { ec2Error } from './errors.ts';
import { launchInstance } from './instances.ts';
import { instances, type InstanceRow } from './rows.ts';
import { reservationIdOf } from './views.ts';

/** Launches `MaxCount` instances, without agent. The same `ClientToken` again answers what the first call launched. */
export function runInstances(call: Call, input: RunInstancesCommandInput) {
  const { MaxCount: count = 0, MinCount: least = 0, ClientToken: token } = input;
  if (least < 1 || count < least) {
    throw ec2Error('InvalidParameterValue', `Invalid MinCount ${least} or MaxCount ${count}`);
  }
  const before =
    token === undefined
      ? []
      : instances(call)
          .all()
          .filter(({ clientToken }) => clientToken === token);
  const rows = before.length > 0 ? before : Array.from({ length: count }, () => runOne(call, input));
  return {
    ReservationId: reservationIdOf(rows[0]!),
    OwnerId: call.accountId,
    Groups: [],
    Instances: rows.map((row) => instanceShape(call, row)),
  };
}

function runOne(call: Call, input: RunInstancesCommandInput): InstanceRow {
  const tags = (input.TagSpecifications ?? [])
    .filter(({ ResourceType }) => ResourceType === 'instance')
    .flatMap(({ Tags = [] }) => Tags)
    .map(({ Key = '', Value = '' }) => [Key, Value] as const);
  return launchInstance(call, {
    tags: Object.fromEntries(tags),
    clientToken: input.ClientToken ?? null,
    ...(input.ImageId === undefined ? {} : { imageId: input.ImageId }),
    ...(input.InstanceType === undefined ? {} : { instanceType: input.InstanceType }),
    ...(input.SubnetId === undefined ? {} : { subnetId: input.SubnetId }),
    ...(input.PrivateIpAddress === undefined ? {} : { privateIp: input.PrivateIpAddress }),
    ...(input.Placement?.AvailabilityZone === undefined
      ? {}
      : { zone: input.Placement.AvailabilityZone.slice(-1) }),
  });
}
