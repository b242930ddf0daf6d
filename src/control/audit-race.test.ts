import { createHash } from 'node:crypto';
import fc, { type Scheduler } from 'fast-check';
import { expect, test } from 'vitest';
import { unchained } from '#store/audit-progress.ts';
import { ExecutionRepository } from '#store/executions.ts';
import { memoryStore } from '#store/memory-store.ts';
import type { Store } from '#store/port.ts';
import { createAnnouncingAudit, createAudit, type Audit } from './audit.ts';

/*
 * Many processes on one store, in any order of their steps, each of which may be killed at any of them. Afterwards one that starts
 * catches up. Nothing may be in the trail twice, or be lost.
 */

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const EXECUTIONS = ['exec-1', 'exec-2'] as const;

/** A store whose every call waits for its turn, before it is done and before it is answered, until the process is killed. */
function storeOf(shared: Store, turns: Scheduler, life: { steps: number }): Store {
  const turn = async (): Promise<void> => {
    await turns.schedule(Promise.resolve());
    if (life.steps-- <= 0) throw new Killed();
  };
  const inTurn = async <T>(act: () => Promise<T>): Promise<T> => {
    await turn();
    const answer = await act();
    await turn();
    return answer;
  };
  return {
    get: (params) => inTurn(() => shared.get(params)),
    query: (params) => inTurn(() => shared.query(params)),
    scan: (params) => inTurn(() => shared.scan(params)),
    write: (writes) => inTurn(() => shared.write(writes)),
    close: async () => {},
  };
}

interface Given {
  readonly acts: readonly Act[];
  /** It leaves chaining to others, unless it is asked for the trail. */
  readonly announces: boolean;
  readonly onFailure: (error: unknown) => void;
}

class Killed extends Error {}

function processOn(
  store: Store,
  name: string,
  { announces = false, onFailure = () => {} }: Partial<Pick<Given, 'announces' | 'onFailure'>> = {},
): { audit: Audit; executions: ExecutionRepository } {
  let ids = 0;
  const executions: ExecutionRepository = new ExecutionRepository({
    store,
    now: () => 0,
    onEvents: (events) => events.forEach((event) => audit.recordEvent(event)),
  });
  const newId = (): string => `${name}-${++ids}`;
  const audit = (announces ? createAnnouncingAudit : createAudit)({
    store,
    executions,
    hash,
    serverId: 's1',
    realNow: () => 0,
    newId,
    onFailure,
  });
  return { audit, executions };
}

const create = (executions: ExecutionRepository, executionId: string): Promise<void> =>
  executions.create({
    head: { executionId, status: 'planning', startedAt: '', eventCount: 0 } as never,
    plan: {} as never,
    waves: [],
    technologies: [],
    names: [],
    started: {},
  });

/** One thing that a process does after the other. */
type Act =
  | { readonly kind: 'catch up' }
  | { readonly kind: 'act' }
  | { readonly kind: 'append' }
  | { readonly kind: 'emit'; readonly executionId: string; readonly times: number }
  | { readonly kind: 'end'; readonly executionId: string };

const executionId = fc.constantFrom(...EXECUTIONS);
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ kind: fc.constant('catch up') }),
  fc.record({ kind: fc.constant('act') }),
  fc.record({ kind: fc.constant('append') }),
  fc.record({ kind: fc.constant('emit'), executionId, times: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('end'), executionId }),
) as fc.Arbitrary<Act>;
const life = fc.oneof(fc.constant(10_000), fc.integer({ min: 1, max: 60 }));
const processes = fc.array(
  fc.record({ acts: fc.array(act, { minLength: 1, maxLength: 4 }), announces: fc.boolean(), life }),
  {
    minLength: 2,
    maxLength: 3,
  },
);

/** Does them; tells what was announced or answered, which may be lost no more. */
async function perform(
  { audit, executions }: ReturnType<typeof processOn>,
  { acts, store, name }: { acts: readonly Act[]; store: Store; name: string },
  told: Set<string>,
): Promise<void> {
  for (const [index, each] of acts.entries()) {
    const target = `${name}/${index}`;
    const entry = { action: 'plan.update', by: 'ana', target, data: {} };
    switch (each.kind) {
      case 'catch up':
        await audit.catchUp();
        break;
      case 'act':
        await audit.change(entry, async (announcement) => {
          await store.write([announcement]);
          told.add(target);
        });
        break;
      case 'append':
        await audit.append(entry);
        told.add(target);
        break;
      case 'emit':
        await executions.change(each.executionId, (change) => {
          for (let i = 0; i < each.times; i++) change.emit('ExecutionPaused');
        });
        break;
      case 'end':
        await executions.change(each.executionId, (change) => {
          change.putHead({ ...change.head(), status: 'completed' });
          change.emit('ExecutionCompleted', {});
        });
        break;
    }
  }
  await audit.settled();
}

test('whatever processes do at once, and wherever they are killed, the trail has all of it once and in order', async () => {
  const failures: unknown[] = [];
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), processes, async (turns, plans) => {
      const shared = memoryStore();
      const before = processOn(shared, 'before');
      for (const id of EXECUTIONS) await create(before.executions, id);
      const told = new Set<string>();
      const runs = plans.map(({ acts, announces, life: steps }, index) => {
        const name = `p${index}`;
        const store = storeOf(shared, turns, { steps });
        const onFailure = (error: unknown): void => void failures.push(error);
        return perform(processOn(store, name, { announces, onFailure }), { acts, store, name }, told).catch(
          onFailure,
        );
      });
      await turns.waitFor(Promise.all(runs));

      const last = processOn(shared, 'last');
      await last.audit.catchUp();
      expect(await last.audit.verify()).toMatchObject({ ok: true });
      const records = (await last.audit.list({ limit: 1_000 })).records.map(({ record }) => record);
      const acts = records.filter(({ action }) => action === 'plan.update').map(({ target }) => target);
      expect(acts).toEqual([...new Set(acts)]);
      expect(new Set(acts)).toEqual(new Set([...acts, ...told]));
      for (const id of EXECUTIONS) {
        const chained = records.filter((record) => record.executionId === id).map(({ data }) => data);
        const written = await last.executions.events(id);
        expect(chained.map(({ sequence, code }) => ({ sequence, code }))).toEqual(
          written.map(({ sequence, code }) => ({ sequence, code })),
        );
        const { status } = await last.executions.head(id);
        expect((await unchained(shared)).includes(id)).toBe(status === 'planning');
      }
      const left = await shared.query({ table: 'platform-records', partition: 'audit-announced' });
      expect(left.rows).toEqual([]);
    }),
    { numRuns: 300 },
  );
  expect(failures.length).toBeGreaterThan(100);
  expect(failures.filter((error) => !(error instanceof Killed))).toEqual([]);
});
