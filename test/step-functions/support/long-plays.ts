import { Plan } from '#core/plan.ts';
import type { Play } from './perform.ts';

const REGION = 'us-west-2';
const NODE = 'mi-batch';

/** An estate, and a plan for it; nobody does anything meanwhile. */
function play(regions: object, plan: object): Play {
  const accounts = [{ accountId: '111122223333', regions: { [REGION]: regions } }];
  const estate = JSON.stringify({ name: 'long', seed: 1, startsAt: '2026-01-07T10:00:00Z', accounts });
  return {
    plan: Plan.parse({ name: 'Long', region: REGION, ...plan }),
    mode: 'recovery',
    estate,
    people: async () => {},
  };
}

/** One script on one server. */
export function longScript(seconds: number): Play {
  const { regions, scripts, technology } = scriptOf(seconds);
  return play(regions, { scripts, waves: [{ waveNumber: 1, name: 'Script', technologies: [technology] }] });
}

/** A launch, a failover and a script, all in one wave, which each take 12 hours. */
export function longWave(): Play {
  const seconds = 12 * 3_600;
  const { regions, scripts, technology } = scriptOf(seconds);
  const timeout = 'PT14H';
  const technologies = [
    { type: 'drs', operation: 'recovery', resources: { tags: { Tier: 'app' } }, timeout },
    { type: 'database', operation: 'failover', resources: { clusters: ['ledger'] }, timeout },
    technology,
  ];
  return play(
    {
      ...regions,
      // Launches take 83 times as long as they have been seen to take.
      drs: {
        sourceServers: [{ hostname: 'app-01', tags: { Tier: 'app' } }],
        timing: { scale: 83, sigma: 0 },
      },
      rds: { clusters: [{ id: 'ledger', failoverSeconds: seconds }] },
    },
    { scripts, waves: [{ waveNumber: 1, name: 'Long', technologies }] },
  );
}

/** Servers of one account, in one wave: so many for each of two technologies, because one launches 2,500 at most. */
export function manyServers(each: number): Play {
  const tiers = ['web', 'app'];
  const technologies = tiers.map((Tier) => ({
    type: 'drs',
    operation: 'recovery',
    resources: { tags: { Tier } },
    timeout: 'PT14H',
  }));
  const generate = tiers.map((Tier) => ({ count: each, hostnamePrefix: `${Tier}-`, tags: { Tier } }));
  return play({ drs: { generate } }, { waves: [{ waveNumber: 1, name: 'Servers', technologies }] });
}

/** A function is called so often: `technologies` times in each wave. `traits`: what it does, as the scenario says it. */
export function manyWaves(waves: number, technologies: number, traits: object = {}): Play {
  const technology = { type: 'application', operation: 'scripts', resources: { scripts: ['call'] } };
  return play(
    { lambda: { functions: [{ name: 'warm-cache', ...traits }] } },
    {
      scripts: { call: { type: 'lambda', functionName: 'warm-cache' } },
      waves: Array.from({ length: waves }, (_, index) => ({
        waveNumber: index + 1,
        name: `Wave ${index + 1}`,
        technologies: Array.from({ length: technologies }, () => technology),
      })),
    },
  );
}

function scriptOf(durationSeconds: number) {
  return {
    regions: {
      ssm: {
        nodes: [{ id: NODE, name: 'batch', platform: 'Linux', ping: 'Online' }],
        scripts: [{ match: 'end-of-day', durationSeconds }],
      },
    },
    scripts: {
      batch: {
        type: 'commands',
        commands: ['end-of-day'],
        targets: { instanceIds: [NODE] },
        timeout: 'PT13H',
      },
    },
    technology: {
      type: 'application',
      operation: 'scripts',
      resources: { scripts: ['batch'] },
      timeout: 'PT14H',
    },
  };
}
