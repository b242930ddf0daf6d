import type { Call, TaggedResource } from '#sim/kernel/contract.ts';

/** Where global services keep what Resource Groups Tagging shows in this Region. */
const GLOBAL_HOME = 'us-east-1';

/** All resources with at least one tag, over all services. */
export function taggedResources(call: Call): TaggedResource[] {
  return call.world.services
    .filter((service) => !service.global || call.region === GLOBAL_HOME)
    .flatMap((service) => {
      const region = service.global ? 'global' : call.region;
      return service.taggedResources?.(call.world.callFor({ ...call, region }, call.principal)) ?? [];
    })
    .filter(({ tags }) => Object.keys(tags).length > 0);
}

/** `ec2:instance` of an ARN: what follows the account up to the first slash or colon. */
export function resourceTypeOf(arn: string): string {
  const [, , service, , , ...rest] = arn.split(':');
  const type = rest.length > 1 ? rest[0]! : rest[0]!.split('/')[0]!;
  return `${service}:${type}`;
}
