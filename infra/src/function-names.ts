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

/**
 * The functions that enter target accounts, to perform, assess or measure there. The one of the gates answers the engine and nobody
 * else: the roles there do not know it.
 */
export const ENTER_TARGETS: readonly FunctionName[] = FUNCTIONS.filter((name) => name !== 'pause-resume');
