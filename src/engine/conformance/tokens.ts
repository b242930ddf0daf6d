import { describe, expect } from 'vitest';
import type { Json } from '#core/json.ts';
import type { Engine } from '../port.ts';
import { call, gate, gateQueue, machine, testsOf, worldsOf, type ConformanceOptions } from './world.ts';

/** Tasks that wait for a token. */
export function testTokens(options: ConformanceOptions): void {
  const use = worldsOf(options);
  const test = testsOf(options);
  const start = { machine: 'main', name: 'one', input: { n: 1 } };

  describe('task tokens', () => {
    test('The queue gets the message with the token, and the output ends the task.', async () => {
      const queue = gateQueue();
      const main = machine('Gate', {
        Gate: gate({ Output: { n: '{% $states.input.n %}', by: '{% $states.result.by %}' }, End: true }),
      });
      await use({ machines: { main }, queues: { gates: queue.handler } }, async ({ engine, settled }) => {
        const { executionId } = await engine.start(start);
        await engine.completeTask({ taskToken: await queue.next(), output: { by: 'someone' } });
        expect((await settled(executionId)).output).toEqual({ n: 1, by: 'someone' });
      });
    });

    test('A token ends its task once: whatever comes later is TaskTokenUsed.', async () => {
      const queue = gateQueue();
      const main = machine('Gate', { Gate: gate({ Next: 'Second' }), Second: gate() });
      await use({ machines: { main }, queues: { gates: queue.handler } }, async ({ engine, settled }) => {
        const { executionId } = await engine.start(start);
        const taskToken = await queue.next();
        await engine.completeTask({ taskToken, output: 1 });
        const used = { code: 'TaskTokenUsed' };
        await expect(engine.completeTask({ taskToken, output: 2 })).rejects.toMatchObject(used);
        await expect(engine.failTask({ taskToken, error: 'No' })).rejects.toMatchObject(used);
        await expect(engine.heartbeat({ taskToken })).rejects.toMatchObject(used);
        await engine.completeTask({ taskToken: await queue.next(), output: 3 });
        expect((await settled(executionId)).output).toBe(3);
      });
    });

    test('A task that is completed while its message is being taken was submitted all the same.', async () => {
      const main = machine('Gate', { Gate: gate() });
      const late: { engine?: Engine } = {};
      const open = async (message: Json): Promise<void> => {
        const { taskToken } = message as { taskToken: string };
        await late.engine!.completeTask({ taskToken, output: 1 });
      };
      await use({ machines: { main }, queues: { gates: open } }, async ({ engine, settled }) => {
        late.engine = engine;
        const { executionId } = await engine.start(start);
        await settled(executionId);
        const { events } = await engine.history({ executionId });
        expect(events.map(({ type }) => type)).toEqual([
          'ExecutionStarted',
          'TaskStateEntered',
          'TaskScheduled',
          'TaskStarted',
          'TaskSubmitted',
          'TaskSucceeded',
          'TaskStateExited',
          'ExecutionSucceeded',
        ]);
      });
    });

    test('A token that was never issued is TaskTokenInvalid.', async () => {
      const main = machine('A', { A: { Type: 'Succeed' } });
      await use({ machines: { main } }, async ({ engine }) => {
        await expect(engine.completeTask({ taskToken: 'nothing', output: 1 })).rejects.toMatchObject({
          code: 'TaskTokenInvalid',
        });
      });
    });

    test('An output of more than 256 KiB is refused, and the task waits on.', async () => {
      const queue = gateQueue();
      const main = machine('Gate', { Gate: gate() });
      await use({ machines: { main }, queues: { gates: queue.handler } }, async ({ engine, settled }) => {
        const { executionId } = await engine.start(start);
        const taskToken = await queue.next();
        await expect(engine.completeTask({ taskToken, output: 'x'.repeat(262_143) })).rejects.toMatchObject({
          code: 'TaskOutputInvalid',
        });
        await engine.completeTask({ taskToken, output: 'short' });
        expect((await settled(executionId)).output).toBe('short');
      });
    });

    test('failTask fails the task with the error and cause given.', async () => {
      const queue = gateQueue();
      const main = machine('Gate', { Gate: gate() });
      await use({ machines: { main }, queues: { gates: queue.handler } }, async ({ engine, settled }) => {
        const { executionId } = await engine.start(start);
        await engine.failTask({ taskToken: await queue.next(), error: 'Rejected', cause: 'not today' });
        expect(await settled(executionId)).toMatchObject({
          status: 'FAILED',
          error: 'Rejected',
          cause: 'not today',
        });
      });
    });

    test('Each retry has a token of its own; the earlier one is used up.', async () => {
      const queue = gateQueue();
      const main = machine('Gate', {
        Gate: gate({ Retry: [{ ErrorEquals: ['Again'], IntervalSeconds: 1 }], End: true }),
      });
      await use({ machines: { main }, queues: { gates: queue.handler } }, async ({ engine, settled }) => {
        const { executionId } = await engine.start(start);
        const first = await queue.next();
        await engine.failTask({ taskToken: first, error: 'Again' });
        const second = await queue.next();
        expect(second).not.toBe(first);
        await expect(engine.completeTask({ taskToken: first, output: 1 })).rejects.toMatchObject({
          code: 'TaskTokenUsed',
        });
        await engine.completeTask({ taskToken: second, output: 2 });
        expect((await settled(executionId)).output).toBe(2);
      });
    });

    test('A gate that nobody opens within TimeoutSeconds fails with States.Timeout.', async () => {
      const queue = gateQueue();
      const main = machine('Gate', { Gate: gate({ TimeoutSeconds: 1, End: true }) });
      await use({ machines: { main }, queues: { gates: queue.handler } }, async ({ engine, settled }) => {
        const { executionId } = await engine.start(start);
        expect(await settled(executionId)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
      });
    });

    test('A heartbeat postpones States.HeartbeatTimeout.', async () => {
      const queue = gateQueue();
      const Catch = [{ ErrorEquals: ['States.HeartbeatTimeout'], Next: 'Missed' }];
      const main = machine('Gate', {
        Gate: gate({ HeartbeatSeconds: 2, Catch, End: true }),
        Missed: { Type: 'Succeed', Output: 'missed' },
      });
      await use(
        { machines: { main }, queues: { gates: queue.handler } },
        async ({ engine, settled, sleep }) => {
          const { executionId } = await engine.start(start);
          const taskToken = await queue.next();
          await sleep(1500);
          await engine.heartbeat({ taskToken });
          const ended = await settled(executionId);
          expect(ended.output).toBe('missed');
          const tookMs = Date.parse(ended.stoppedAt!) - Date.parse(ended.startedAt);
          expect(tookMs).toBeGreaterThanOrEqual(3500);
          expect(tookMs).toBeLessThan(4500);
        },
      );
    });

    test('lambda:invoke.waitForTaskToken hands the token to the function and waits.', async () => {
      const queue = gateQueue();
      const main = machine('Ask', {
        Ask: call('ask', {
          Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
          Arguments: { FunctionName: '${ask}', Payload: { taskToken: '{% $states.context.Task.Token %}' } },
          Output: '{% $states.result %}',
          End: true,
        }),
      });
      const ask = async (input: Json): Promise<Json> => (await queue.handler(input), null);
      await use({ machines: { main }, functions: { ask } }, async ({ engine, settled }) => {
        const { executionId } = await engine.start(start);
        await engine.completeTask({ taskToken: await queue.next(), output: 'answer' });
        expect((await settled(executionId)).output).toBe('answer');
      });
    });
  });
}
