import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { systemClock } from '#clocks/system.ts';
import { virtualClock } from '#clocks/virtual.ts';
import { createAudit } from '#control/audit.ts';
import type { ExecutionEventRecord } from '#core/events.ts';
import type { GateRecord, HeadRecord, NamesRecord, PlanRecord } from '#core/records.ts';
import type { TechnologyRecord, WaveRecord } from '#core/records.ts';
import { hasEnded } from '#core/states.ts';
import { openEmbeddedEngine } from '#engine/embedded/engine.ts';
import { dataFiles } from '#hosts/local/data-directory.ts';
import { simulatedEstate } from '#hosts/local/estate.ts';
import { idSource, sha256 } from '#hosts/ids.ts';
import { openPlatform } from '#hosts/local/platform.ts';
import { ExecutionRepository, type OutcomeRow } from '#store/executions.ts';
import { openSqliteStore } from '#store/sqlite/open-sqlite-store.ts';
import { coreBanking } from './rehearsal-cases.ts';

export interface FillSize {
  readonly executions: number;
  readonly eventsEach: number;
}

/** All rows of one execution that has ended. */
interface Sample {
  readonly head: HeadRecord;
  readonly plan: PlanRecord;
  readonly waves: readonly WaveRecord[];
  readonly technologies: readonly TechnologyRecord[];
  readonly names: readonly NamesRecord[];
  readonly outcomes: readonly OutcomeRow[];
  readonly gates: readonly GateRecord[];
  readonly events: readonly ExecutionEventRecord[];
}

const FILLED = 'filled';
/** A change has at most 100 writes; its head and the gates are among them. */
const EVENTS_A_CHANGE = 90;
const STEPS = 20;

/** The id of one of the executions that `fillDirectory` writes, from 0. */
export function filledId(index: number): string {
  return `exec-${String(index).padStart(17, '0')}`;
}

/**
 * Fills a data directory with executions that have ended, each a copy of one real drill whose events are repeated to the number
 * wanted, through the repositories and the audit chain that a server writes with. What an earlier call has filled is left as it is.
 */
export async function fillDirectory(directory: string, size: FillSize): Promise<void> {
  if (existsSync(path.join(directory, FILLED))) return;
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const sample = await runSample();
  const { records, engine } = dataFiles(directory);
  const store = openSqliteStore({ path: records, durability: 'process' });
  const now = Date.now;
  const executions = new ExecutionRepository({ store, now });
  const [serverId, server] = ['bw-bench', { partition: 'server', sort: '' }];
  await store.write([
    { kind: 'put', table: 'platform-records', key: server, value: { serverId }, expect: 'absent' },
  ]);
  const newId = idSource();
  const audit = createAudit({
    store,
    executions,
    hash: sha256,
    serverId,
    realNow: now,
    newId: () => newId(''),
    onFailure: fail,
  });
  for (let index = 0; index < size.executions; index++) {
    await copySample(executions, sample, filledId(index), size.eventsEach);
    await audit.catchUp(filledId(index));
    if (index % 100 === 0) await new Promise(setImmediate);
  }
  await store.close();
  await fillJournal(engine, size.executions);
  writeFileSync(path.join(directory, FILLED), JSON.stringify(size));
}

function fail(error: unknown): never {
  throw error;
}

async function copySample(
  executions: ExecutionRepository,
  sample: Sample,
  executionId: string,
  eventCount: number,
): Promise<void> {
  const { plan, waves, technologies, names, outcomes, gates } = sample;
  const head = { ...sample.head, executionId, eventCount: 0 };
  await executions.create({ head, plan, waves, technologies, names, started: sample.events[0]!.data });
  await executions.putOutcomes(executionId, outcomes);
  const middle = sample.events.slice(1, -1);
  const rest = Array.from({ length: eventCount - 2 }, (_, index) => middle[index % middle.length]!);
  rest.push(sample.events.at(-1)!);
  for (let from = 0; from < rest.length; from += EVENTS_A_CHANGE) {
    await executions.change(executionId, (change) => {
      if (from === 0) for (const gate of gates) change.putGate(gate);
      for (const { code, data } of rest.slice(from, from + EVENTS_A_CHANGE)) change.emit(code, data);
    });
  }
}

/** A drill of the example, run in virtual time. */
async function runSample(): Promise<Sample> {
  const { plan, scenario } = coreBanking();
  const clock = virtualClock({ startsAt: scenario.startsAt });
  const estate = simulatedEstate({ scenario, clock, path: null });
  const memory = { recordsPath: ':memory:', enginePath: ':memory:' };
  const platform = await openPlatform({ ...memory, clock, estate, seed: 7 });
  const { executions } = platform.deps.services;
  const order = { plan, mode: 'drill', initiatedBy: 'bench', autoResume: true } as const;
  const { executionId } = await platform.control.startExecution(order);
  while (!hasEnded((await executions.head(executionId)).status))
    await new Promise((resolve) => setTimeout(resolve, 50));
  const sample: Sample = {
    head: await executions.head(executionId),
    plan: await executions.plan(executionId),
    waves: await executions.waves(executionId),
    technologies: await executions.technologies(executionId),
    names: await executions.names(executionId),
    outcomes: await executions.outcomes(executionId),
    gates: await executions.gates(executionId),
    events: await executions.events(executionId),
  };
  await platform.close();
  await estate.close();
  return sample;
}

/** The engine's journal of as many executions, of a machine whose tasks do nothing. */
async function fillJournal(file: string, executions: number): Promise<void> {
  const engine = await openEmbeddedEngine({
    path: file,
    durability: 'process',
    clock: systemClock(),
    newId: () => 'bench',
    machines: { filled: machineOfSteps() },
    functions: { step: async () => null },
  });
  for (let index = 0; index < executions; index += 100) {
    const some = Array.from({ length: Math.min(100, executions - index) }, (_, i) => filledId(index + i));
    await Promise.all(
      some.map(async (name) =>
        engine.settled(await engine.start({ machine: 'filled', name, input: { executionId: name } })),
      ),
    );
  }
  await engine.close();
}

function machineOfSteps(): object {
  const stepAt = (index: number): [string, object] => [
    `Step${index}`,
    {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: 'step', Payload: '{% $states.input %}' },
      Output: '{% $states.input %}',
      ...(index === STEPS ? { End: true } : { Next: `Step${index + 1}` }),
    },
  ];
  return {
    QueryLanguage: 'JSONata',
    StartAt: 'Step1',
    States: Object.fromEntries(Array.from({ length: STEPS }, (_, index) => stepAt(index + 1))),
  };
}
