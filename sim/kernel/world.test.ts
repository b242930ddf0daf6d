import { expect, test } from 'vitest';
import { ServiceError, type Call, type ServiceDefinition } from './contract.ts';
import { World } from './world.ts';

const scope = { accountId: '111111111111', region: 'us-west-2' };
const rows = (call: Call) => call.world.table<{ value: string }>(call, 'test.rows');

const service: ServiceDefinition = {
  name: 'test',
  operations: {
    put: (call, { id, value }: { id: string; value: string }) => rows(call).put(id, { value }),
    putAndFail: (call, { id }: { id: string }) => {
      rows(call).put(id, { value: 'never' });
      call.world.later(call, { at: call.now, service: 'test', kind: 'mark', data: 'never' });
      throw new ServiceError('No', 'no');
    },
    later: (call, { at, data }: { at: number; data: string }) =>
      call.world.later(call, { at, service: 'test', kind: 'mark', data }),
  },
  agenda: { mark: (call, data: string) => rows(call).put(data, { value: `at ${call.now}` }) },
};

function make() {
  const world = new World({ seed: 1, startsAt: 1_000, services: [service] });
  const invoke = (operation: string, input: object, now = world.now) =>
    world.invoke({ ...scope, service: 'test', operation, input, now, principal: 'me' });
  const all = () =>
    world
      .table<{ value: string }>(scope, 'test.rows')
      .all()
      .map(({ value }) => value);
  return { world, invoke, all };
}

test('what is due happens before a request, in order of time and then of making', () => {
  const { world, invoke, all } = make();
  invoke('later', { at: 3_000, data: 'third' });
  invoke('later', { at: 2_000, data: 'first' });
  invoke('later', { at: 2_000, data: 'second' });

  world.advance(2_500);
  expect(all()).toEqual(['at 2000', 'at 2000']);
  invoke('put', { id: 'x', value: 'x' }, 5_000);
  expect(all()).toEqual(['at 2000', 'at 2000', 'at 3000', 'x']);
  expect(world.now).toBe(5_000);
});

test('a request that throws leaves neither rows nor agenda behind', () => {
  const { world, invoke, all } = make();

  expect(() => invoke('putAndFail', { id: 'a' })).toThrow('no');
  world.advance(9_000);

  expect(all()).toEqual([]);
  expect(world.takeChanges()).toEqual([]);
});

test('changes are taken once, one per row, as the row is now', () => {
  const { world, invoke } = make();
  invoke('put', { id: 'a', value: '1' });
  invoke('put', { id: 'a', value: '2' });

  expect(world.takeChanges()).toEqual([
    { table: 'test.rows/111111111111/us-west-2', id: 'a', row: { value: '2' } },
  ]);
  expect(world.takeChanges()).toEqual([]);
});

test('a restored world has its rows, its agenda and its counters', () => {
  const { world, invoke } = make();
  invoke('later', { at: 2_000, data: 'due' });
  const id = world.newId('i-');
  const other = make();
  other.world.restore(world.takeChanges(), 1_500);

  expect(other.world.now).toBe(1_500);
  expect(other.world.newId('i-')).not.toBe(id);
  other.world.advance(2_000);
  expect(other.all()).toEqual(['at 2000']);
});

test('a look into the past sees rows as they were, and changes nothing', () => {
  const { world, invoke, all } = make();
  world.remember(10_000);
  invoke('put', { id: 'a', value: 'old' }, 1_000);
  invoke('put', { id: 'gone', value: 'still there' }, 1_000);
  world.takeChanges();
  invoke('put', { id: 'a', value: 'new' }, 5_000);
  invoke('put', { id: 'b', value: 'young' }, 5_000);
  world.table(scope, 'test.rows').remove('gone');

  const past = world.asOf(4_000, () => {
    const seen = all();
    world.table(scope, 'test.rows').put('c', { value: 'written by a read' });
    return { seen, now: world.now };
  });

  expect(past).toEqual({ seen: ['old', 'still there'], now: 4_000 });
  expect(all()).toEqual(['new', 'young']);
  expect(world.now).toBe(5_000);
});
