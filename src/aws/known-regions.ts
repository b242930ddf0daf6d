/** The Regions of AWS in November 2026, by area. Only used to tell a misspelt Region from a network without DNS. */
const REGIONS: Readonly<Record<string, readonly string[]>> = {
  us: ['east-1', 'east-2', 'west-1', 'west-2'],
  'us-gov': ['east-1', 'west-1'],
  ca: ['central-1', 'west-1'],
  mx: ['central-1'],
  sa: ['east-1'],
  eu: ['central-1', 'central-2', 'west-1', 'west-2', 'west-3', 'north-1', 'south-1', 'south-2'],
  ap: [
    'east-1',
    'east-2',
    'northeast-1',
    'northeast-2',
    'northeast-3',
    'south-1',
    'south-2',
    'southeast-1',
    'southeast-2',
    'southeast-3',
    'southeast-4',
    'southeast-5',
    'southeast-6',
    'southeast-7',
  ],
  me: ['central-1', 'south-1'],
  il: ['central-1'],
  af: ['south-1'],
  cn: ['north-1', 'northwest-1'],
};

const NAMES = new Set(
  Object.entries(REGIONS).flatMap(([area, names]) => names.map((name) => `${area}-${name}`)),
);

/** True for a Region that is known to exist. */
export function isKnownRegion(region: string): boolean {
  return NAMES.has(region);
}
