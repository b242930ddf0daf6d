import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createAudit } from '#control/audit.ts';
import { measureExecutions } from '#control/measures/executions.ts';
import { createSweep } from '#control/recover.ts';
import type { EngineExecution } from '#engine/port.ts';
import { sha256 } from '#hosts/ids.ts';
import { hasDynamoDbLocal, startDynamoDbLocal } from '#store/dynamodb/testing/dynamodb-local.ts';
import { ExecutionRepository } from '#store/executions.ts';
import type { Store } from '#store/port.ts';
import { openSqliteStore } from '#store/sqlite/open-sqlite-store.ts';
import { receiveGate } from '#workflow/gates.ts';
import { planOf, workbench } from '#workflow/testing/bench.ts';

/*
 * What a minute of the function `jobs` costs while executions wait at gates: calls to the store and to the engine, and time, for a
 * process that is new and for one that has looked before. `node bench/minute.ts [EXECUTIONS]`
 */

const MINUTE = 60_000;
const executionCount = Number(process.argv[2] ?? 1_000);

type Counts = Record<string, number>;

interface Latency {
  callMs: number;
}

/** Counts its calls, each of which takes so long at least. */
function counting(store: Store, counts: Counts, latency: Latency): Store {
  const count = async (name: string): Promise<void> => {
    counts[name] = (counts[name] ?? 0) + 1;
    if (latency.callMs > 0) await setTimeout(latency.callMs);
  };
  return {
    get: async (params) => (await count('get'), store.get(params)),
    query: async (params) => (await count('query'), store.query(params)),
    scan: async (params) => (await count('scan'), store.scan(params)),
    write: async (writes) => (await count('write'), store.write(writes)),
    close: () => store.close(),
  };
}

async function measure(name: string, bare: Store, latency: Latency): Promise<void> {
  const counts: Counts = {};
  const current: Latency = { callMs: 0 };
  const store = counting(bare, counts, current);
  const bench = workbench();
  const executions = new ExecutionRepository({ store, now: () => bench.now });
  const services = { ...bench.services, executions, completeTask: async () => false };
  const describe = async (): Promise<EngineExecution> => {
    counts['describe'] = (counts['describe'] ?? 0) + 1;
    await setTimeout(current.callMs);
    return { status: 'RUNNING' } as EngineExecution;
  };
  const deps = { ...bench.deps, store, services, engine: { ...bench.deps.engine, describe } };
  const auditOf = (): ReturnType<typeof createAudit> =>
    createAudit({
      store,
      executions,
      hash: sha256,
      serverId: 'bw-bench',
      realNow: () => bench.now,
      newId: randomUUID,
      onFailure: (error) => {
        throw error;
      },
    });
  await fill(bench, executions, services);
  bench.now += 10 * MINUTE;

  current.callMs = latency.callMs;
  const round = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    for (const each of Object.keys(counts)) delete counts[each];
    const at = performance.now();
    await work();
    const ms = performance.now() - at;
    const line = { store: name, what, ms: Math.round(ms), ...counts };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  };
  const sweep = createSweep();
  await round('sweep, new process', () => sweep(deps));
  bench.now += 5 * MINUTE;
  await round('sweep, once more', () => sweep(deps));
  bench.now += MINUTE;
  await round('sweep, nothing has changed', () => sweep(deps));
  const audit = auditOf();
  await round('audit trail, all to be chained', () => audit.catchUp());
  await round('audit trail, nothing has changed', () => audit.catchUp());
  await round('audit trail, new process', () => auditOf().catchUp());
  await round('metrics', () => measureExecutions({ services }));
}

/** Executions that wait at the gate before their first wave. */
async function fill(
  bench: ReturnType<typeof workbench>,
  executions: ExecutionRepository,
  services: Parameters<typeof receiveGate>[0],
): Promise<void> {
  const sampleId = await bench.start({ ...planOf([{}], [{}]) });
  const sample = bench.services.executions;
  const [head, plan] = [await sample.head(sampleId), await sample.plan(sampleId)];
  const [waves, technologies] = [await sample.waves(sampleId), await sample.technologies(sampleId)];
  for (let i = 0; i < executionCount; i++) {
    const executionId = `exec-${String(i).padStart(6, '0')}`;
    const copy = { ...head, executionId, eventCount: 0, status: 'in_progress' } as const;
    await executions.create({ head: copy, plan, waves, technologies, names: [], started: {} });
    await receiveGate(services, { executionId, waveNumber: 1, kind: 'pause', taskToken: `t-${i}` });
  }
}

const directory = mkdtempSync(path.join(os.tmpdir(), 'breakwater-bench-'));
const sqlite = (file: string): Store =>
  openSqliteStore({ path: path.join(directory, file), durability: 'process' });
await measure('sqlite', sqlite('a.db'), { callMs: 0 });
await measure('sqlite, 5 ms a call', sqlite('b.db'), { callMs: 5 });
rmSync(directory, { recursive: true, force: true });
if (hasDynamoDbLocal()) {
  const local = await startDynamoDbLocal();
  await measure('dynamodb local', await local.open(), { callMs: 0 });
  await local.stop();
}
process.exit(0);
