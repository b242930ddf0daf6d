import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { virtualClock } from '#clocks/virtual.ts';
import type { Control } from '#control/control.ts';
import { hasEnded } from '#core/states.ts';
import type { ExecutionView } from '#core/view.ts';
import { simulatedEstate } from '#hosts/local/estate.ts';
import { openPlatform } from '#hosts/local/platform.ts';
import { boundsOf, type WaveBound } from './bound.ts';
import { coreBanking, generated, type RehearsalCase } from './rehearsal-cases.ts';

/**
 * How long a rehearsal in virtual time takes, and how close the plan comes to what AWS allows. Prints one JSON line a
 * case; `README.md` says what each number means. Memory is the process's peak: for one case's, run it alone.
 *
 *   node bench/rehearsal.ts [--example | --servers N [--accounts N] [--waves N]]
 */
const { values } = parseArgs({
  options: {
    example: { type: 'boolean', default: false },
    servers: { type: 'string' },
    accounts: { type: 'string', default: '1' },
    waves: { type: 'string', default: '1' },
  },
});

const SIZES = [
  { servers: 10, accounts: 1, waves: 10 },
  { servers: 100, accounts: 1, waves: 100 },
  { servers: 1_000, accounts: 1, waves: 1_000 },
  { servers: 100, accounts: 1, waves: 1 },
  { servers: 1_000, accounts: 2, waves: 1 },
  { servers: 4_000, accounts: 8, waves: 1 },
];

for (const makeCase of casesAsked()) process.stdout.write(`${JSON.stringify(await rehearse(makeCase()))}\n`);

function casesAsked(): (() => RehearsalCase)[] {
  if (values.example) return [coreBanking];
  if (values.servers === undefined) return [coreBanking, ...SIZES.map((size) => () => generated(size))];
  const [servers, accounts, waves] = [values.servers, values.accounts, values.waves].map(Number);
  return [() => generated({ servers: servers!, accounts: accounts!, waves: waves! })];
}

async function rehearse({ name, plan, scenario }: RehearsalCase): Promise<object> {
  const directory = mkdtempSync(path.join(tmpdir(), 'breakwater-bench-'));
  const clock = virtualClock({ startsAt: scenario.startsAt });
  const estate = simulatedEstate({ scenario, clock, path: null });
  const platform = await openPlatform({
    recordsPath: path.join(directory, 'records.db'),
    enginePath: path.join(directory, 'engine.db'),
    durability: 'process',
    clock,
    estate,
    seed: 7,
  });
  const started = performance.now();
  const { executionId } = await platform.control.startExecution({
    plan,
    mode: 'drill',
    initiatedBy: 'bench',
    autoResume: true,
  });
  const view = await ended(platform.control, executionId);
  const realSeconds = (performance.now() - started) / 1_000;
  const bounds = boundsOf(view, estate.simulation.world);
  const makespanMs = Date.parse(view.completedAt!) - Date.parse(view.startedAt);
  const boundMs = bounds.reduce((sum, { workMs }) => sum + workMs, 0);
  const outcomes = view.waves.flatMap((wave) => wave.technologies.flatMap((one) => one.outcomes));
  const result = {
    name,
    status: view.status,
    recovered: outcomes.filter(({ status }) => status === 'completed').length,
    realSeconds: rounded(realSeconds, 1),
    peakMb: Math.round(process.resourceUsage().maxRSS / 1_024),
    makespanSeconds: rounded(makespanMs / 1_000, 1),
    boundSeconds: rounded(boundMs / 1_000, 1),
    overhead: rounded(makespanMs / boundMs, 4),
    awsCalls: estate.simulation.stats.calls(),
    ...(bounds.length > 3 ? {} : { waves: bounds.map(secondsOf) }),
  };
  await platform.close();
  await estate.close();
  rmSync(directory, { recursive: true });
  return result;
}

async function ended(control: Control, executionId: string): Promise<ExecutionView> {
  for (;;) {
    const { executions } = await control.listExecutions();
    if (hasEnded(executions[0]!.status)) return control.getExecution({ executionId });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Where a wave's seconds go: before its first work, in its work, and after its last. */
function secondsOf({ startsAt, endsAt, workMs, firstWorkAt, lastWorkEndsAt }: WaveBound): object {
  return {
    seconds: rounded((endsAt - startsAt) / 1_000, 1),
    before: rounded((firstWorkAt - startsAt) / 1_000, 1),
    work: rounded(workMs / 1_000, 1),
    after: rounded((endsAt - lastWorkEndsAt) / 1_000, 1),
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
