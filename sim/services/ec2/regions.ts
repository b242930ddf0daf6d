import type { DescribeAvailabilityZonesCommandInput, DescribeRegionsCommandInput } from '@aws-sdk/client-ec2';
import type { Call } from '#sim/kernel/contract.ts';
import { REGIONS } from '#sim/kernel/regions.ts';
import { ec2Error } from './errors.ts';
import { compileFilters } from './filters.ts';

export function describeRegions(_call: Call, input: DescribeRegionsCommandInput) {
  const unknown = input.RegionNames?.find((name) => !REGIONS.includes(name));
  if (unknown !== undefined) {
    throw ec2Error('InvalidParameterValue', `Invalid region name: The region ${unknown} does not exist.`);
  }
  const matches = compileFilters<{ name: string; tags: Record<string, string> }>(input.Filters, {
    endpoint: ({ name }) => [endpointOf(name)],
    'opt-in-status': () => ['opt-in-not-required'],
    'region-name': ({ name }) => [name],
  });
  const names = REGIONS.filter((name) => input.RegionNames?.includes(name) ?? true);
  return {
    Regions: names
      .filter((name) => matches({ name, tags: {} }))
      .map((name) => ({ RegionName: name, Endpoint: endpointOf(name), OptInStatus: 'opt-in-not-required' })),
  };
}

/** Three zones, a to c, in every Region. */
export function describeAvailabilityZones(call: Call, input: DescribeAvailabilityZonesCommandInput) {
  const zones = ['a', 'b', 'c'].map((letter) => ({ name: `${call.region}${letter}`, tags: {} }));
  const matches = compileFilters<(typeof zones)[number]>(input.Filters, {
    'region-name': () => [call.region],
    state: () => ['available'],
    'zone-name': ({ name }) => [name],
  });
  return {
    AvailabilityZones: zones
      .filter((zone) => (input.ZoneNames?.includes(zone.name) ?? true) && matches(zone))
      .map(({ name }, index) => ({
        ZoneName: name,
        ZoneId: `${shortName(call.region)}-az${index + 1}`,
        ZoneType: 'availability-zone',
        RegionName: call.region,
        State: 'available' as const,
        OptInStatus: 'opt-in-not-required' as const,
        Messages: [],
      })),
  };
}

function endpointOf(region: string): string {
  return `ec2.${region}.amazonaws.com`;
}

/** `eu-west-1` becomes `euw1`, as in the ids of zones. */
function shortName(region: string): string {
  const [area = '', direction = '', number = ''] = region.split('-');
  const letters = direction.replace(/(north|south|central|east|west)/g, (word) => word[0]!);
  return `${area}${letters}${number}`;
}
