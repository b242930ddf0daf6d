import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { virtualClock } from '#clocks/virtual.ts';
import { parseDuration } from '#core/duration.ts';
import { Plan } from '#core/plan.ts';
import { hasEnded } from '#core/states.ts';
import { simulatedEstate } from '#hosts/local/estate.ts';
import { openPlatform } from '#hosts/local/platform.ts';
import { parseScenario } from '#sim/index.ts';

/**
 * How long a rehearsal in virtual time takes, and how close the plan comes to what AWS allows: `makespan` is the
 * simulated time from start to end; `bound` the time of the slowest DRS jobs alone. Prints one JSON line a case.
 *
 *   node bench/rehearsal.ts [--servers N] [--accounts N] [--waves N]
 */
const { values } = parseArgs({
  options: {
    servers: { type: 'string' },
    accounts: { type: 'string', default: '1' },
    waves: { type: 'string', default: '1' },
  },
});

const CASES =
  values.servers === undefined
    ? [
        { servers: 10, accounts: 1, waves: 10 },
        { servers: 100, accounts: 1, waves: 100 },
        { servers: 1_000, accounts: 2, waves: 1_000 },
        { servers: 100, accounts: 1, waves: 1 },
        { servers: 1_000, accounts: 2, waves: 1 },
        { servers: 4_000, accounts: 8, waves: 1 },
      ]
    : [{ servers: Number(values.servers), accounts: Number(values.accounts), waves: Number(values.waves) }];

interface Case {
  readonly servers: number;
  readonly accounts: number;
  readonly waves: number;
}

for (const one of CASES) process.stdout.write(`${JSON.stringify(await rehearse(one))}\n`);

/** Servers are spread evenly over accounts and waves; every wave recovers its share in every account. */
async function rehearse({ servers, accounts, waves }: Case): Promise<object> {
  const directory = mkdtempSync(path.join(tmpdir(), 'breakwater-bench-'));
  const scenario = parseScenario(scenarioOf({ servers, accounts, waves }));
  const clock = virtualClock({ startsAt: scenario.startsAt });
  const estate = simulatedEstate({ scenario, clock, path: null });
  const platform = await openPlatform({
    recordsPath: path.join(directory, 'records.db'),
    enginePath: path.join(directory, 'engine.db'),
    clock,
    estate,
    seed: 7,
  });
  const started = performance.now();
  const plan = Plan.parse(planOf({ servers, accounts, waves }));
  const { executionId } = await platform.control.startExecution({
    plan,
    mode: 'drill',
    initiatedBy: 'bench',
    autoResume: true,
  });
  let view = await platform.control.getExecution({ executionId });
  while (!hasEnded(view.status)) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { executions } = await platform.control.listExecutions();
    if (hasEnded(executions[0]!.status)) view = await platform.control.getExecution({ executionId });
  }
  const realMs = performance.now() - started;
  const makespanMs = Date.parse(view.completedAt!) - Date.parse(view.startedAt);
  const result = {
    servers,
    accounts,
    waves,
    status: view.status,
    recovered: view.waves
      .flatMap((wave) => wave.technologies.flatMap(({ outcomes }) => outcomes))
      .filter(({ status }) => status === 'completed').length,
    realSeconds: Math.round(realMs / 100) / 10,
    peakMb: Math.round(process.resourceUsage().maxRSS / 1024),
    makespanSeconds: Math.round(makespanMs / 1_000),
    expectedSeconds: Math.round(parseDuration(view.expectedDuration) / 1_000),
    awsCalls: estate.simulation.stats.calls(),
  };
  await platform.close();
  await estate.close();
  rmSync(directory, { recursive: true });
  return result;
}

function accountIds(count: number): string[] {
  return Array.from({ length: count }, (_, i) => String(100_000_000_001 + i));
}

function scenarioOf({ servers, accounts, waves }: Case): object {
  const each = Math.ceil(servers / accounts / waves);
  return {
    name: 'bench',
    seed: 1,
    startsAt: '2026-01-07T10:00:00Z',
    accounts: accountIds(accounts).map((accountId) => ({
      accountId,
      roles: [{ name: 'Breakwater' }],
      regions: {
        'us-west-2': {
          drs: {
            generate: Array.from({ length: waves }, (_, wave) => ({
              count: each,
              hostnamePrefix: `w${wave + 1}-`,
              tags: { Wave: String(wave + 1) },
            })),
          },
        },
      },
    })),
  };
}

function planOf({ accounts, waves }: Case): object {
  return {
    planId: 'bench',
    region: 'us-west-2',
    waves: Array.from({ length: waves }, (_, wave) => ({
      waveNumber: wave + 1,
      name: `Wave ${wave + 1}`,
      technologies: accountIds(accounts).map((accountId) => ({
        type: 'drs',
        operation: 'recovery',
        accountId,
        resources: { tags: { Wave: String(wave + 1) } },
      })),
    })),
  };
}
