/** The Regions that every account has without opting in. https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html */
export const REGIONS: readonly string[] = [
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
];

/** Whether endpoints of a Region exist: those above, and those that a scenario has opted in to by naming them. */
export function hasEndpoints(region: string, named: ReadonlySet<string>): boolean {
  return REGIONS.includes(region) || named.has(region);
}
