import { expect, test } from 'vitest';
import { apiFunction } from './api-function.ts';
import { lambdaApi } from './testing/lambda-world.ts';

const arn = (alias: string) => `arn:aws:lambda:eu-west-1:111122223333:function:breakwater-api:${alias}`;

/** Invokes it; tells what there was in order, where the answer comes last. */
async function invoked(alias: string, operation: string) {
  const api = await lambdaApi({ environment: {} });
  const log: string[] = [];
  const settled = async (): Promise<void> => {
    // Not in the same breath: it has to be waited for.
    await new Promise((resolve) => setTimeout(resolve, 1));
    log.push('settled');
  };
  const handler = apiFunction(async () => ({ ...api, settled }));
  const context = { invokedFunctionArn: arn(alias) };
  const answer = await handler({ operation, mustSucceed: true }, context).catch((error: Error) => error.name);
  return { answer, log };
}

test('nothing is answered before all that it has set going is done, for Lambda stops the process then', async () => {
  const { answer, log } = await invoked('break-glass', 'listPlans');
  expect([log, answer]).toMatchObject([['settled'], { status: 200 }]);
});

test('a refusal comes no sooner', async () => {
  expect(await invoked('break-glass', 'listPlan')).toEqual({ answer: 'RouteNotFound', log: ['settled'] });
});

test('the alias for triggers may not do what break-glass may', async () => {
  expect(await invoked('trigger', 'listPlans')).toMatchObject({ answer: 'Forbidden' });
});
