import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { virtualClock } from '#clocks/virtual.ts';
import { call, gate, machine, nested } from '../conformance/world.ts';
import { openEmbeddedEngine, type EmbeddedEngine, type EmbeddedEngineOptions } from './engine.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'engine-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function open(options: Partial<EmbeddedEngineOptions>): Promise<EmbeddedEngine> {
  let ids = 0;
  return openEmbeddedEngine({
    path: ':memory:',
    clock: virtualClock({ startsAt: 0 }),
    newId: () => `id-${++ids}`,
    machines: {},
    substitutions: { work: 'work', gates: 'gates', inner: 'inner' },
    ...options,
  });
}

const dynamicCall = {
  ...call('work'),
  Arguments: { FunctionName: '{% $states.input.name %}' },
};

describe('opening', () => {
  test.each([
    { what: 'a function', state: call('work') },
    { what: 'a queue', state: gate() },
    { what: 'a machine', state: nested() },
  ])('A machine that names $what that nobody handles is refused.', async ({ state }) => {
    await expect(open({ machines: { main: machine('A', { A: state }) } })).rejects.toMatchObject({
      code: 'HandlerNotFound',
    });
  });

  test('A machine that is not valid is refused, and leaves the file free.', async () => {
    const path = join(directory, 'engine.db');
    await expect(open({ path, machines: { main: {} } })).rejects.toMatchObject({ code: 'MachineInvalid' });
    const engine = await open({ path });
    await engine.close();
  });

  test('A file that is not a journal is StoreCorrupt, and one of a newer version is left alone.', async () => {
    const path = join(directory, 'engine.db');
    writeFileSync(path, 'this is no database, but long enough to look like one'.repeat(100));
    await expect(open({ path })).rejects.toMatchObject({ code: 'StoreCorrupt' });
    rmSync(path);
    const newer = new DatabaseSync(path);
    newer.exec('PRAGMA user_version = 99');
    newer.close();
    await expect(open({ path })).rejects.toMatchObject({ code: 'DataDirectoryUnusable' });
  });

  test('Handlers may be named by the ARN that ends in their name.', async () => {
    const engine = await open({
      machines: { main: machine('A', { A: call('work') }) },
      functions: { work: async () => 'by ARN' },
      substitutions: { work: 'arn:aws:lambda:eu-central-1:111122223333:function:work' },
    });
    const execution = await engine.start({ machine: 'main', name: 'one', input: {} });
    expect((await engine.settled(execution)).output).toBe('by ARN');
    await engine.close();
  });
});

describe('names known only when they run', () => {
  test.each([
    { what: 'function', state: dynamicCall, error: 'Lambda.ResourceNotFoundException' },
    {
      what: 'queue',
      state: { ...gate(), Arguments: { QueueUrl: '{% $states.input.name %}', MessageBody: {} } },
      error: 'SQS.QueueDoesNotExistException',
    },
    {
      what: 'machine',
      state: { ...nested(), Arguments: { StateMachineArn: '{% $states.input.name %}' } },
      error: 'StepFunctions.StateMachineDoesNotExistException',
    },
  ])('A $what that does not exist fails the task with $error.', async ({ state, error }) => {
    const engine = await open({ machines: { main: machine('A', { A: state }) } });
    const execution = await engine.start({ machine: 'main', name: 'one', input: { name: 'nobody' } });
    expect(await engine.settled(execution)).toMatchObject({ status: 'FAILED', error });
    await engine.close();
  });

  test('A nested execution whose name is taken fails the task.', async () => {
    const main = machine('A', { A: { ...nested(), Arguments: { StateMachineArn: 'inner', Name: 'taken' } } });
    const inner = machine('A', { A: { Type: 'Succeed' } });
    const engine = await open({ machines: { main, inner } });
    await engine.settled(await engine.start({ machine: 'inner', name: 'taken', input: {} }));
    const execution = await engine.start({ machine: 'main', name: 'one', input: {} });
    expect(await engine.settled(execution)).toMatchObject({
      status: 'FAILED',
      error: 'StepFunctions.ExecutionAlreadyExistsException',
    });
    await engine.close();
  });
});

test('The write-ahead log is moved into the database while commits go on, and does not grow without end.', async () => {
  const path = join(directory, 'engine.db');
  const engine = await open({
    path,
    machines: { main: machine('A', { A: call('work', { Next: 'B' }), B: call('work') }) },
    functions: { work: async () => 'x'.repeat(100_000) },
  });
  for (let run = 0; run < 300; run++) {
    await engine.settled(await engine.start({ machine: 'main', name: `run-${run}`, input: null }));
    if (run % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(statSync(path).size).toBeGreaterThan(10_000_000);
  expect(statSync(`${path}-wal`).size).toBeLessThan(60_000_000);
  await engine.close();
});
