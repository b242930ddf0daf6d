/** Drills that can run at the same time, on a simulated estate of their own. */
const [ACCOUNTS, WAVES] = [10, 3];
const REGION = 'us-west-2';

const accountOf = (drill: number): string => String(100_000_000_001 + (drill % ACCOUNTS));
const tagOf = (drill: number, wave: number): string => `${drill}-${wave}`;
const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

/** An estate with a DRS server for each wave of each drill. */
export function scenarioOfDrills(drills: number): object {
  const accounts = numbers(ACCOUNTS).map((index) => accountOf(index));
  return {
    name: 'bench',
    seed: 1,
    accounts: accounts.map((accountId) => ({
      accountId,
      roles: [{ name: 'Breakwater' }],
      regions: {
        [REGION]: {
          drs: {
            generate: numbers(drills)
              .filter((drill) => accountOf(drill) === accountId)
              .flatMap((drill) => numbers(WAVES).map((wave) => tagOf(drill, wave)))
              .map((tag) => ({ count: 1, hostnamePrefix: `d${tag}-`, tags: { Drill: tag } })),
          },
        },
      },
    })),
  };
}

/** The plan of one drill, from 1: three sequential waves of one server each. */
export function planOfDrill(drill: number) {
  return {
    planId: `drill-${drill}`,
    name: `Drill ${drill}`,
    region: REGION,
    waves: numbers(WAVES).map((waveNumber) => ({
      waveNumber,
      name: `Wave ${waveNumber}`,
      technologies: [
        {
          type: 'drs',
          operation: 'recovery',
          accountId: accountOf(drill),
          resources: { tags: { Drill: tagOf(drill, waveNumber) } },
        },
      ],
    })),
  };
}
