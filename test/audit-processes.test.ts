import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAudit } from '#control/audit.ts';
import {
  startDynamoDbLocal,
  hasDynamoDbLocal,
  type DynamoDbLocal,
} from '#store/dynamodb/testing/dynamodb-local.ts';
import { ExecutionRepository } from '#store/executions.ts';

const CHILD = path.resolve(import.meta.dirname, '../src/control/testing/audit-child.ts');
const EXECUTIONS = ['exec-1', 'exec-2'];
const ROUNDS = 24;

describe.skipIf(!hasDynamoDbLocal())('processes on one DynamoDB', () => {
  let local: DynamoDbLocal;
  beforeAll(async () => {
    local = await startDynamoDbLocal();
  });
  afterAll(() => local.stop());

  test('that chain at once, one of them killed, leave a trail with everything in it once and in order', async () => {
    const store = await local.open({ prefix: 'race-' });
    const executions = new ExecutionRepository({ store, now: Date.now });
    for (const executionId of EXECUTIONS) {
      const head = { executionId, status: 'planning', startedAt: '', eventCount: 0 } as never;
      const none = { waves: [], technologies: [], names: [], started: {} };
      await executions.create({ head, plan: {} as never, ...none });
    }
    const runs = ['a', 'b', 'c'].map((name) => run(local.endpoint, name, name === 'c' ? 8 : null));
    const [a, b, killed] = await Promise.all(runs);
    expect([a!.exitCode, b!.exitCode, killed!.exitCode]).toEqual([0, 0, null]);

    const audit = createAudit({
      store,
      executions,
      hash: (text) => createHash('sha256').update(text).digest('hex'),
      serverId: 's1',
      realNow: Date.now,
      newId: () => 'last',
      onFailure: () => {},
    });
    await audit.catchUp();
    expect(await audit.verify()).toMatchObject({ ok: true });
    const records = (await audit.list({ limit: 1_000 })).records.map(({ record }) => record);
    const acts = records.filter(({ action }) => action === 'plan.update').map(({ target }) => target);
    expect(acts).toEqual([...new Set(acts)]);
    expect(new Set(acts)).toEqual(new Set([...acts, ...a!.told, ...b!.told, ...killed!.told]));
    for (const executionId of EXECUTIONS) {
      const { eventCount } = await executions.head(executionId);
      const chained = records.filter((record) => record.executionId === executionId);
      expect(chained.map(({ data }) => data['sequence'])).toEqual(
        Array.from({ length: eventCount }, (_, index) => index + 1),
      );
      expect(eventCount).toBeGreaterThan(ROUNDS);
    }
  });
});

/** Runs the child until it ends, or until it has said so many lines; what it has said. */
function run(
  endpoint: string,
  name: string,
  killAfter: number | null,
): Promise<{ exitCode: number | null; told: string[] }> {
  const args = [CHILD, endpoint, 'race-', name, String(ROUNDS), ...EXECUTIONS];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const told: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    told.push(line);
    if (told.length === killAfter) child.kill('SIGKILL');
  });
  return new Promise((resolve) => child.once('close', (exitCode) => resolve({ exitCode, told })));
}
