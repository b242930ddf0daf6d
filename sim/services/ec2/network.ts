import { randomOf } from '#sim/kernel/random.ts';
import type { Scoped } from './rows.ts';

/** The id of the one VPC of an account and Region, derived from the seed: EC2 keeps no VPC rows. */
export function defaultVpcId(scope: Scoped): string {
  return `vpc-${named(scope, 'vpc')}`;
}

export function defaultSubnetId(scope: Scoped, zone: string): string {
  return `subnet-${named(scope, `subnet/${zone}`)}`;
}

/** 10.x.0.1 and up, in order of launch: never the same twice in an account and Region. */
export function nextPrivateIp(scope: Scoped): string {
  const place = `ec2.address/${scope.accountId}/${scope.region}`;
  const second = Math.floor(randomOf(scope.world.seed, place).uniform(0, 200));
  const host = scope.world.count(place) + 10;
  return `10.${second + Math.floor(host / 65_536)}.${Math.floor(host / 256) % 256}.${host % 256}`;
}

export function hostNameOf(region: string, privateIp: string): string {
  const domain = region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`;
  return `ip-${privateIp.replaceAll('.', '-')}.${domain}`;
}

function named(scope: Scoped, name: string): string {
  return randomOf(scope.world.seed, `ec2.${name}/${scope.accountId}/${scope.region}`).hex(17);
}
