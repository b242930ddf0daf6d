/** The functions of Lambda, each by the name of its entry in `src/hosts/lambda`. */
export const FUNCTIONS = [
  'adapter-drs',
  'adapter-database',
  'adapter-application',
  'adapter-infrastructure',
  'wave-controller',
  'pause-resume',
  'api',
  'jobs',
] as const;
export type FunctionName = (typeof FUNCTIONS)[number];
