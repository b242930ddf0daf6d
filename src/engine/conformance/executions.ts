import { describe, expect } from 'vitest';
import {
  call,
  gate,
  gateQueue,
  machine,
  nested,
  run,
  testsOf,
  worldsOf,
  type ConformanceOptions,
} from './world.ts';

/** Starting, stopping, describing, history. */
export function testExecutions(options: ConformanceOptions): void {
  const use = worldsOf(options);
  const test = testsOf(options);
  const pass = { machines: { main: machine('A', { A: { Type: 'Pass', End: true } }) } };
  const waiting = () => {
    const queue = gateQueue();
    return {
      queue,
      program: { machines: { main: machine('Gate', { Gate: gate() }) }, queues: { gates: queue.handler } },
    };
  };

  describe('executions', () => {
    test('An execution answers its output, its input and its times.', async () => {
      await use(pass, async ({ engine, settled }) => {
        const { executionId } = await engine.start({
          machine: 'main',
          name: 'one',
          input: { a: [1, null, 'ü'] },
        });
        const ended = await settled(executionId);
        expect(ended).toMatchObject({ machine: 'main', name: 'one', status: 'SUCCEEDED' });
        expect(ended.input).toEqual({ a: [1, null, 'ü'] });
        expect(ended.output).toEqual({ a: [1, null, 'ü'] });
        expect(ended.startedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        expect(await engine.describe({ executionId })).toEqual(ended);
        expect(await engine.describe({ machine: 'main', name: 'one' })).toEqual(ended);
        expect(await engine.describe({ machine: 'main', name: 'other' })).toBeNull();
      });
    });

    test('The same name and input while it runs is the same execution; another input is refused.', async () => {
      const { queue, program } = waiting();
      await use(program, async ({ engine, settled }) => {
        const first = await engine.start({ machine: 'main', name: 'one', input: { a: 1, b: 2 } });
        expect(await engine.start({ machine: 'main', name: 'one', input: { b: 2, a: 1 } })).toEqual(first);
        await expect(engine.start({ machine: 'main', name: 'one', input: { a: 2 } })).rejects.toMatchObject({
          code: 'EngineExecutionExists',
        });
        await engine.completeTask({ taskToken: await queue.next(), output: null });
        await settled(first.executionId);
      });
    });

    test('The name of an execution that has ended cannot be used again.', async () => {
      await use(pass, async ({ engine, settled }) => {
        const { executionId } = await engine.start({ machine: 'main', name: 'one', input: 1 });
        await settled(executionId);
        await expect(engine.start({ machine: 'main', name: 'one', input: 1 })).rejects.toMatchObject({
          code: 'EngineExecutionExists',
        });
      });
    });

    test('A machine that is not loaded cannot be started.', async () => {
      await use(pass, async ({ engine }) => {
        await expect(engine.start({ machine: 'other', name: 'one', input: 1 })).rejects.toMatchObject({
          code: 'MachineNotFound',
        });
      });
    });

    test.each([{ name: '' }, { name: 'a b' }, { name: 'a:b' }, { name: 'x'.repeat(81) }])(
      "The name '$name' is refused.",
      async ({ name }) => {
        await use(pass, async ({ engine }) => {
          await expect(engine.start({ machine: 'main', name, input: 1 })).rejects.toMatchObject({
            code: 'EngineStartInvalid',
          });
        });
      },
    );

    test('An input of more than 256 KiB is refused.', async () => {
      await use(pass, async ({ engine }) => {
        await expect(
          engine.start({ machine: 'main', name: 'one', input: 'x'.repeat(262_143) }),
        ).rejects.toMatchObject({ code: 'EngineStartInvalid' });
      });
    });

    test('An execution that does not exist is described as null, and has no history and no stop.', async () => {
      await use(pass, async ({ engine }) => {
        expect(await engine.describe({ executionId: 'nothing' })).toBeNull();
        await expect(engine.history({ executionId: 'nothing' })).rejects.toMatchObject({
          code: 'EngineExecutionNotFound',
        });
        await expect(engine.stop({ executionId: 'nothing' })).rejects.toMatchObject({
          code: 'EngineExecutionNotFound',
        });
      });
    });

    test('A stopped execution is ABORTED with the reason given, and its gate is closed for good.', async () => {
      const { queue, program } = waiting();
      await use(program, async ({ engine, settled }) => {
        const { executionId } = await engine.start({ machine: 'main', name: 'one', input: 1 });
        const taskToken = await queue.next();
        await engine.stop({ executionId, error: 'Operator', cause: 'drill is over' });
        expect(await settled(executionId)).toMatchObject({
          status: 'ABORTED',
          error: 'Operator',
          cause: 'drill is over',
        });
        await expect(engine.completeTask({ taskToken, output: 1 })).rejects.toMatchObject({
          code: 'TaskTokenUsed',
        });
      });
    });

    test('Stopping an execution that has ended does nothing.', async () => {
      await use(pass, async ({ engine, settled }) => {
        const { executionId } = await engine.start({ machine: 'main', name: 'one', input: 1 });
        await settled(executionId);
        await engine.stop({ executionId });
        expect(await engine.describe({ executionId })).toMatchObject({ status: 'SUCCEEDED' });
      });
    });

    test('Stopping an execution stops its nested ones.', async () => {
      const queue = gateQueue();
      const machines = { main: machine('Run', { Run: nested() }), inner: machine('Gate', { Gate: gate() }) };
      await use({ machines, queues: { gates: queue.handler } }, async ({ engine, settled }) => {
        const { executionId } = await engine.start({ machine: 'main', name: 'one', input: 1 });
        const taskToken = await queue.next();
        await engine.stop({ executionId });
        expect(await settled(executionId)).toMatchObject({ status: 'ABORTED' });
        await expect(engine.completeTask({ taskToken, output: 1 })).rejects.toMatchObject({
          code: 'TaskTokenUsed',
        });
      });
    });

    test('A machine with TimeoutSeconds ends as TIMED_OUT.', async () => {
      const main = machine('Wait', { Wait: { Type: 'Wait', Seconds: 60, End: true } }, { TimeoutSeconds: 1 });
      await use({ machines: { main } }, async (world) => {
        expect(await run(world)).toMatchObject({ status: 'TIMED_OUT', error: 'States.Timeout' });
      });
    });

    test('History tells what happened in order, under the names of Step Functions.', async () => {
      const main = machine('A', { A: call('echo', { Next: 'B' }), B: { Type: 'Succeed' } });
      await use(
        { machines: { main }, functions: { echo: async (input) => input } },
        async ({ engine, settled }) => {
          const { executionId } = await engine.start({ machine: 'main', name: 'one', input: { n: 1 } });
          await settled(executionId);
          const { events, cursor } = await engine.history({ executionId });
          expect(cursor).toBeUndefined();
          expect(events.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
          expect(events.map(({ type, state }) => (state === undefined ? type : `${type} ${state}`))).toEqual([
            'ExecutionStarted',
            'TaskStateEntered A',
            'TaskScheduled A',
            'TaskStarted A',
            'TaskSucceeded A',
            'TaskStateExited A',
            'SucceedStateEntered B',
            'SucceedStateExited B',
            'ExecutionSucceeded B',
          ]);
          expect(events[5]!.details).toEqual({ output: { n: 1 } });
        },
      );
    });

    test('History comes in pages that together are the whole.', async () => {
      const main = machine('A', { A: call('echo', { Next: 'B' }), B: call('echo') });
      await use(
        { machines: { main }, functions: { echo: async (input) => input } },
        async ({ engine, settled }) => {
          const { executionId } = await engine.start({ machine: 'main', name: 'one', input: 1 });
          await settled(executionId);
          const ids: number[] = [];
          let cursor: string | undefined;
          do {
            const page = await engine.history({
              executionId,
              limit: 2,
              ...(cursor === undefined ? {} : { cursor }),
            });
            expect(page.events.length).toBeLessThanOrEqual(2);
            ids.push(...page.events.map(({ id }) => id));
            cursor = page.cursor;
          } while (cursor !== undefined);
          expect(ids).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        },
      );
    });
  });
}
