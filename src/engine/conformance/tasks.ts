import { describe, expect } from 'vitest';
import type { Json } from '#core/json.ts';
import { call, machine, nested, run, testsOf, worldsOf, type ConformanceOptions } from './world.ts';

/** Tasks that call functions and nested executions: results, errors, Retry, Catch, time-outs. */
export function testTasks(options: ConformanceOptions): void {
  const use = worldsOf(options);
  const test = testsOf(options);

  describe('tasks', () => {
    test('lambda:invoke answers the payload with status and version.', async () => {
      const main = machine('A', { A: call('add', { Output: '{% $states.result %}', End: true }) });
      await use(
        { machines: { main }, functions: { add: async (input) => (input as { n: number }).n + 1 } },
        async (world) => {
          expect((await run(world, { n: 1 })).output).toEqual({
            ExecutedVersion: '$LATEST',
            Payload: 2,
            StatusCode: 200,
          });
        },
      );
    });

    test('A function gets a copy: what it changes in its input changes nothing else.', async () => {
      const spoil = async (input: Json): Promise<Json> => {
        (input as { n: number }).n = 99;
        return null;
      };
      const main = machine('A', { A: call('spoil', { Output: '{% $states.input.n %}', End: true }) });
      await use({ machines: { main }, functions: { spoil } }, async (world) => {
        expect((await run(world, { n: 1 })).output).toBe(1);
      });
    });

    test('An error that nobody catches fails the execution with its name and its message as JSON.', async () => {
      const main = machine('A', { A: call('fail') });
      await use({ machines: { main }, functions: { fail: failing('Broken') } }, async (world) => {
        const ended = await run(world);
        expect(ended).toMatchObject({ status: 'FAILED', error: 'Broken' });
        expect(JSON.parse(ended.cause!)).toMatchObject({ errorMessage: 'it is Broken', errorType: 'Broken' });
      });
    });

    test('Catch takes the first entry that matches, with Output and Assign from the error.', async () => {
      const main = machine('A', {
        A: call('fail', {
          Catch: [
            { ErrorEquals: ['Other'], Next: 'B' },
            {
              ErrorEquals: ['States.TaskFailed'],
              Next: 'B',
              Assign: { name: '{% $states.errorOutput.Error %}' },
              Output: { n: '{% $states.input.n %}' },
            },
          ],
          End: true,
        }),
        B: { Type: 'Pass', Output: { name: '{% $name %}', n: '{% $states.input.n %}' }, End: true },
      });
      await use({ machines: { main }, functions: { fail: failing('Broken') } }, async (world) => {
        expect((await run(world, { n: 4 })).output).toEqual({ name: 'Broken', n: 4 });
      });
    });

    test('Catch without Output passes the error on.', async () => {
      const main = machine('A', {
        A: call('fail', { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }], End: true }),
        B: { Type: 'Pass', Output: '{% $states.input.Error %}', End: true },
      });
      await use({ machines: { main }, functions: { fail: failing('Broken') } }, async (world) => {
        expect((await run(world)).output).toBe('Broken');
      });
    });

    test('Retry waits IntervalSeconds times BackoffRate, at most MaxDelaySeconds, MaxAttempts times.', async () => {
      const times: number[] = [];
      let now = (): number => 0;
      const fail = async (): Promise<Json> => {
        times.push(now());
        throw new TypeError('again');
      };
      const Retry = [
        {
          ErrorEquals: ['TypeError'],
          IntervalSeconds: 1,
          BackoffRate: 3,
          MaxAttempts: 3,
          MaxDelaySeconds: 4,
        },
      ];
      const main = machine('A', { A: call('fail', { Retry, End: true }) });
      await use({ machines: { main }, functions: { fail } }, async (world) => {
        now = world.now;
        expect(await run(world)).toMatchObject({ status: 'FAILED', error: 'TypeError' });
        const waitsS = times.slice(1).map((time, index) => Math.floor((time - times[index]! + 100) / 1000));
        expect(waitsS).toEqual([1, 3, 4]);
      });
    });

    test('A task that succeeds after a retry goes on as if nothing had been.', async () => {
      let calls = 0;
      const flaky = async (): Promise<Json> => {
        if (++calls < 3) throw new RangeError('not yet');
        return calls;
      };
      const main = machine('A', {
        A: call('flaky', { Retry: [{ ErrorEquals: ['States.ALL'] }], End: true }),
      });
      await use({ machines: { main }, functions: { flaky } }, async (world) => {
        expect(await run(world)).toMatchObject({ status: 'SUCCEEDED', output: 3 });
      });
    });

    test.each([
      { name: 'a number', TimeoutSeconds: 1 },
      { name: 'an expression', TimeoutSeconds: '{% $states.input.limit %}' },
    ])('A task longer than TimeoutSeconds, $name, fails with States.Timeout.', async ({ TimeoutSeconds }) => {
      const Catch = [
        { ErrorEquals: ['States.TaskFailed'], Next: 'No' },
        { ErrorEquals: ['States.Timeout'], Next: 'Yes' },
      ];
      const main = machine('A', {
        A: call('slow', { TimeoutSeconds, Catch, End: true }),
        Yes: { Type: 'Succeed', Output: 'timed out' },
        No: { Type: 'Succeed', Output: 'failed' },
      });
      let sleep = async (_ms: number): Promise<void> => {};
      const slow = async (): Promise<Json> => (await sleep(3000), 'late');
      await use({ machines: { main }, functions: { slow } }, async (world) => {
        sleep = world.sleep;
        expect((await run(world, { limit: 1 })).output).toBe('timed out');
      });
    });

    test('Arguments that cannot be evaluated are caught like any error of the task.', async () => {
      const main = machine('A', {
        A: call('echo', {
          Arguments: { FunctionName: '${echo}', Payload: '{% $states.input.missing %}' },
          Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'B' }],
          End: true,
        }),
        B: { Type: 'Succeed', Output: 'caught' },
      });
      await use({ machines: { main }, functions: { echo: async (input) => input } }, async (world) => {
        expect((await run(world)).output).toBe('caught');
      });
    });

    test('A result of more than 256 KiB is States.DataLimitExceeded, which States.ALL does not catch.', async () => {
      const main = machine('A', {
        A: call('big', { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }], End: true }),
        B: { Type: 'Succeed' },
      });
      await use(
        { machines: { main }, functions: { big: async () => 'x'.repeat(262_144) } },
        async (world) => {
          expect(await run(world)).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
        },
      );
    });

    test('A nested execution answers its output, parsed, with its name and status.', async () => {
      const machines = {
        main: machine('Run', {
          Run: nested({
            Arguments: {
              StateMachineArn: '${inner}',
              Name: '{% "of-" & $states.context.Execution.Name %}',
              Input: { n: 5 },
            },
            Output: '{% [$states.result.Status, $states.result.Output.n, $states.result.Input.n] %}',
            End: true,
          }),
        }),
        inner: machine('A', { A: { Type: 'Pass', Output: { n: '{% $states.input.n * 2 %}' }, End: true } }),
      };
      await use({ machines }, async (world) => {
        expect((await run(world)).output).toEqual(['SUCCEEDED', 10, 5]);
      });
    });

    test('A nested execution that fails is States.TaskFailed, with its own error in the cause.', async () => {
      const machines = {
        main: machine('Run', { Run: nested() }),
        inner: machine('A', { A: { Type: 'Fail', Error: 'Inner', Cause: 'why' } }),
      };
      await use({ machines }, async (world) => {
        const ended = await run(world);
        expect(ended).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed' });
        expect(JSON.parse(ended.cause!)).toMatchObject({ Status: 'FAILED', Error: 'Inner', Cause: 'why' });
      });
    });

    test('A nested execution that takes longer than the task may is stopped.', async () => {
      const calls: string[] = [];
      const note = async (): Promise<Json> => (calls.push('inner went on'), null);
      const machines = {
        main: machine('Run', {
          Run: nested({
            TimeoutSeconds: 1,
            Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'Wait' }],
            End: true,
          }),
          Wait: { Type: 'Wait', Seconds: 3, End: true },
        }),
        inner: machine('Wait', { Wait: { Type: 'Wait', Seconds: 2, Next: 'Note' }, Note: call('note') }),
      };
      await use({ machines, functions: { note } }, async (world) => {
        expect(await run(world)).toMatchObject({ status: 'SUCCEEDED' });
        expect(calls).toEqual([]);
      });
    });
  });
}

function failing(name: string): () => Promise<Json> {
  return async () => {
    throw Object.assign(new Error(`it is ${name}`), { name });
  };
}
