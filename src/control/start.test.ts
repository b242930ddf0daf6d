import { beforeEach, describe, expect, test } from 'vitest';
import { BreakwaterError } from '#core/errors.ts';
import { Plan } from '#core/plan.ts';
import { cleanUpExecution } from '#workflow/execution.ts';
import { planOf, workbench, type Bench } from '#workflow/testing/bench.ts';

let bench: Bench;
beforeEach(() => {
  bench = workbench();
});

const view = (executionId: string) => bench.control.getExecution({ executionId });

test('of two that were unfinished the one is joined that is so still', async () => {
  const [ended, running] = [await bench.start(planOf([{}])), await bench.start(planOf([{}]))];
  await cleanUpExecution(bench.services, { executionId: ended, failure: null });
  const again = {
    plan: Plan.parse(planOf([{}])),
    mode: 'recovery',
    initiatedBy: 'ana',
    joinUnfinished: true,
    wereUnfinished: [ended, running],
  } as const;
  expect(await bench.control.startExecution(again)).toEqual({ executionId: running, joined: true });
});

describe('a start whose records are written', () => {
  const begin = (error: BreakwaterError) => {
    bench.deps.engine.start = async () => {
      throw error;
    };
    return bench.control.startExecution({
      plan: Plan.parse(planOf([{}])),
      mode: 'recovery',
      initiatedBy: 'ana',
    });
  };

  test.each([
    'AwsUnreachable',
    'AwsThrottled',
    'AwsFailed',
    'AwsCredentialsExpired',
    'EngineClosed',
  ] as const)(
    'answers its execution when the state machine cannot be started just now (%s): the sweep starts it, and nobody has to ask twice',
    async (code) => {
      const { executionId } = await begin(new BreakwaterError(code, 'no answer'));
      expect(await view(executionId)).toMatchObject({ status: 'planning' });
    },
  );

  test('fails when its state machine can never be started, and leaves nothing that begins later', async () => {
    await expect(
      begin(new BreakwaterError('AwsAccessDenied', 'states:StartExecution is not allowed')),
    ).rejects.toMatchObject({ code: 'AwsAccessDenied' });
    const { executions } = await bench.control.listExecutions();
    expect(await view(executions[0]!.executionId)).toMatchObject({
      status: 'failed',
      error: {
        code: 'AwsAccessDenied',
        message: 'the state machine cannot be started: states:StartExecution is not allowed',
      },
    });
    expect(await bench.services.executions.unfinished()).toEqual([]);
  });
});
