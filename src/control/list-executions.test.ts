import { expect, test } from 'vitest';
import type { Control, ExecutionSummary } from './control.ts';
import { listExecutions } from './list-executions.ts';

/** Executions 1 to `count`, every tenth of plan `rare`; cursors are places. */
function controlOf(count: number) {
  const reads: number[] = [];
  const list: Control['listExecutions'] = async ({ limit = 100, cursor = '0' } = {}) => {
    reads.push(limit);
    const ends = Math.min(count, Number(cursor) + limit);
    const executions = Array.from({ length: ends - Number(cursor) }, (_, i) => {
      const number = Number(cursor) + i + 1;
      return { executionId: `exec-${number}`, planId: number % 10 === 0 ? 'rare' : 'web', mode: 'drill' };
    });
    const next = ends < count ? { cursor: String(ends) } : {};
    return { executions: executions as unknown as ExecutionSummary[], ...next };
  };
  return { control: { listExecutions: list }, reads };
}

test('pages of a filtered list follow each other without gaps', async () => {
  const { control } = controlOf(95);
  const first = await listExecutions(control, { planId: 'rare', limit: 5 });
  const second = await listExecutions(control, { planId: 'rare', limit: 5, cursor: first.nextCursor });
  expect([...first.executions, ...second.executions].map(({ executionId }) => executionId)).toEqual([
    'exec-10',
    'exec-20',
    'exec-30',
    'exec-40',
    'exec-50',
    'exec-60',
    'exec-70',
    'exec-80',
    'exec-90',
  ]);
  expect(second.nextCursor).toBeUndefined();
});

test('a search that finds nothing gives up after fifty reads, and says where to go on', async () => {
  const { control, reads } = controlOf(10_000);
  const page = await listExecutions(control, { mode: 'recovery', limit: 100 });
  expect([page, reads.length]).toEqual([{ executions: [], nextCursor: '5000' }, 50]);
});
