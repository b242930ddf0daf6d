import { describe, expect } from 'vitest';
import type { Json } from '#core/json.ts';
import { machine, run, testsOf, worldsOf, type ConformanceOptions } from './world.ts';

/** States that only lead on: Pass, Choice, Wait, Succeed, Fail; variables and expressions. */
export function testFlow(options: ConformanceOptions): void {
  const use = worldsOf(options);
  const test = testsOf(options);
  const outputOf = (states: object, startAt = 'A', input: Json = {}) =>
    use({ machines: { main: machine(startAt, states) } }, (world) => run(world, input));

  describe('flow', () => {
    test('Pass shapes its output from input, variables and the context object.', async () => {
      const ended = await outputOf(
        {
          A: { Type: 'Pass', Assign: { base: '{% $states.input.n + 1 %}' }, Next: 'B' },
          B: {
            Type: 'Pass',
            Output: {
              sum: '{% $base + $states.input.n %}',
              state: '{% $states.context.State.Name %}',
              list: [1, '{% $base %}'],
            },
            End: true,
          },
        },
        'A',
        { n: 2 },
      );
      expect(ended.output).toEqual({ sum: 5, state: 'B', list: [1, 3] });
    });

    test('Assign and Output of one state both see the variables as they were before it.', async () => {
      const ended = await outputOf({
        A: { Type: 'Pass', Assign: { x: 1 }, Next: 'B' },
        B: { Type: 'Pass', Assign: { x: 2 }, Output: '{% $x %}', Next: 'C' },
        C: { Type: 'Pass', Output: ['{% $states.input %}', '{% $x %}'], End: true },
      });
      expect(ended.output).toEqual([1, 2]);
    });

    test.each([
      { n: 1, output: 'one' },
      { n: 2, output: 'two' },
      { n: 3, output: 'other' },
    ])(
      'Choice takes the first condition that holds, else Default: $n gives $output, with its variables.',
      async ({ n, output }) => {
        const ended = await outputOf(
          {
            A: {
              Type: 'Choice',
              Choices: [
                { Condition: '{% $states.input.n = 1 %}', Next: 'End', Assign: { word: 'one' } },
                {
                  Condition: '{% $states.input.n <= 2 %}',
                  Next: 'End',
                  Assign: { word: 'two' },
                  Output: null,
                },
              ],
              Default: 'Other',
              Assign: { word: 'other' },
            },
            End: { Type: 'Succeed', Output: '{% $word %}' },
            Other: { Type: 'Succeed', Output: '{% $word %}' },
          },
          'A',
          { n },
        );
        expect(ended.output).toBe(output);
      },
    );

    test('Choice without a match and without Default fails with States.NoChoiceMatched.', async () => {
      const ended = await outputOf({
        A: { Type: 'Choice', Choices: [{ Condition: false, Next: 'B' }] },
        B: { Type: 'Succeed' },
      });
      expect(ended).toMatchObject({ status: 'FAILED', error: 'States.NoChoiceMatched' });
    });

    test('A condition that is not true or false fails with States.QueryEvaluationError.', async () => {
      const ended = await outputOf({
        A: { Type: 'Choice', Choices: [{ Condition: '{% "yes" %}', Next: 'B' }] },
        B: { Type: 'Succeed' },
      });
      expect(ended).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
    });

    test.each([
      { name: 'Seconds', wait: { Seconds: 2 }, minimumMs: 2000 },
      { name: 'Seconds as an expression', wait: { Seconds: '{% $states.input.s %}' }, minimumMs: 1000 },
      { name: 'a Timestamp that has passed', wait: { Timestamp: '2001-01-01T00:00:00Z' }, minimumMs: 0 },
    ])('Wait waits for $name and passes its input on.', async ({ wait, minimumMs }) => {
      const ended = await outputOf({ A: { Type: 'Wait', ...wait, End: true } }, 'A', { s: 1 });
      expect(ended.output).toEqual({ s: 1 });
      const tookMs = Date.parse(ended.stoppedAt!) - Date.parse(ended.startedAt);
      expect(tookMs).toBeGreaterThanOrEqual(minimumMs);
      expect(tookMs).toBeLessThan(minimumMs + 900);
    });

    test('Fail ends the execution with its error and cause, which may be expressions.', async () => {
      const ended = await outputOf(
        { A: { Type: 'Fail', Error: 'Ours', Cause: '{% "n is " & $states.input.n %}' } },
        'A',
        { n: 7 },
      );
      expect(ended).toMatchObject({ status: 'FAILED', error: 'Ours', cause: 'n is 7' });
    });

    test('An expression that finds nothing fails with States.QueryEvaluationError.', async () => {
      const ended = await outputOf({ A: { Type: 'Pass', Output: '{% $states.input.missing %}', End: true } });
      expect(ended).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
      expect(ended.cause).toContain('$states.input.missing');
    });

    test('An expression that goes wrong fails with States.QueryEvaluationError.', async () => {
      const ended = await outputOf({ A: { Type: 'Pass', Output: '{% $number("x") %}', End: true } });
      expect(ended).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
    });

    test('An output of more than 256 KiB fails with States.DataLimitExceeded.', async () => {
      const ended = await outputOf({ A: { Type: 'Pass', Output: '{% $pad("", 262145, "x") %}', End: true } });
      expect(ended).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    });

    test('A loop of a thousand states ends.', async () => {
      const ended = await outputOf(
        {
          A: { Type: 'Pass', Output: '{% $states.input + 1 %}', Next: 'B' },
          B: {
            Type: 'Choice',
            Choices: [{ Condition: '{% $states.input < 500 %}', Next: 'A' }],
            Default: 'C',
          },
          C: { Type: 'Succeed' },
        },
        'A',
        0,
      );
      expect(ended.output).toBe(500);
    });
  });
}
