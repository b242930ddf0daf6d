import type { InvokeCommandOutput, ListFunctionsCommandOutput } from '@aws-sdk/client-lambda';
import { describe, expect, test } from 'vitest';
import { ACCOUNT, START, testWorld, type TestWorld } from '../testing.ts';
import { service } from './index.ts';
import type { InvocationRow } from './rows.ts';

function bank(...functions: object[]): TestWorld {
  return testWorld([service], { lambda: { 'eu-west-1': { functions } } });
}

function invoke(sim: TestWorld, FunctionName: string, input: object = {}) {
  const output = sim.invoke<InvokeCommandOutput>('Invoke', { FunctionName, ...input });
  const text = output.Payload === undefined ? '' : Buffer.from(output.Payload).toString();
  return {
    status: output.StatusCode,
    error: output.FunctionError,
    answer: text === '' ? null : (JSON.parse(text) as unknown),
  };
}

function runsOf(sim: TestWorld): InvocationRow[] {
  return sim.world
    .table<InvocationRow>({ accountId: ACCOUNT, region: 'eu-west-1' }, 'lambda.invocations')
    .all();
}

describe('Invoke', () => {
  test('answers what the scenario says and is counted with its payload', () => {
    const sim = bank({ name: 'warm-cache', response: { warmed: 12 }, durationSeconds: 3 });
    expect(invoke(sim, 'warm-cache', { Payload: Buffer.from('{"tier":"app"}') })).toEqual({
      status: 200,
      error: undefined,
      answer: { warmed: 12 },
    });
    expect(runsOf(sim)).toMatchObject([
      { payload: '{"tier":"app"}', startsAt: START, endsAt: START + 3_000, error: null },
    ]);
  });

  test('by ARN, partial ARN and qualified name it is the same function', () => {
    const sim = bank({ name: 'warm-cache' });
    for (const name of [
      `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:warm-cache:live`,
      `${ACCOUNT}:function:warm-cache`,
      'warm-cache:live',
    ]) {
      expect(invoke(sim, name).status).toBe(200);
    }
  });

  test('a failure is status 200 with a function error; after failTimes it answers', () => {
    const sim = bank({
      name: 'warm-cache',
      error: { type: 'CacheError', message: 'no cache' },
      failTimes: 1,
      response: 'ok',
    });
    expect(invoke(sim, 'warm-cache')).toEqual({
      status: 200,
      error: 'Unhandled',
      answer: { errorType: 'CacheError', errorMessage: 'no cache', trace: [] },
    });
    expect(invoke(sim, 'warm-cache').answer).toBe('ok');
  });

  test('a function that takes longer than its timeout times out', () => {
    const sim = bank({ name: 'slow', timeoutSeconds: 3, durationSeconds: 10 });
    expect(invoke(sim, 'slow')).toMatchObject({
      error: 'Unhandled',
      answer: { errorMessage: 'Task timed out after 3.00 seconds' },
    });
  });

  test('an event is accepted at once, and run up to three times while it fails', () => {
    const sim = bank({ name: 'broken', error: 'boom' });
    expect(invoke(sim, 'broken', { InvocationType: 'Event' })).toEqual({
      status: 202,
      error: undefined,
      answer: null,
    });
    expect(runsOf(sim).map((run) => [run.attempt, run.startsAt - START])).toEqual([
      [1, 0],
      [2, 60_000],
      [3, 180_000],
    ]);
  });

  test('a dry run checks and runs nothing', () => {
    const sim = bank({ name: 'warm-cache' });
    expect(invoke(sim, 'warm-cache', { InvocationType: 'DryRun' }).status).toBe(204);
    expect(runsOf(sim)).toEqual([]);
  });

  test.each([
    { name: 'an unknown function', input: { FunctionName: 'none' }, code: 'ResourceNotFoundException' },
    {
      name: 'a payload that is no JSON',
      input: { Payload: Buffer.from('{') },
      code: 'InvalidRequestContentException',
    },
    {
      name: 'a function still being made',
      input: { FunctionName: 'new' },
      code: 'ResourceConflictException',
    },
    {
      name: 'an event over 1 MiB',
      input: { InvocationType: 'Event', Payload: Buffer.from(JSON.stringify('x'.repeat(1_048_576))) },
      code: 'RequestTooLargeException',
    },
  ])('refuses $name with $code', ({ input, code }) => {
    const sim = bank({ name: 'warm-cache' }, { name: 'new', state: 'Pending' });
    expect(sim.refused('Invoke', { FunctionName: 'warm-cache', ...input }).code).toBe(code);
    expect(runsOf(sim)).toEqual([]);
  });
});

test('functions are read by name and listed by page', () => {
  const sim = bank({ name: 'a', tags: { 'DR-Wave': '2' } }, { name: 'b' });
  expect(sim.invoke('GetFunction', { FunctionName: 'a' })).toMatchObject({
    Configuration: { FunctionName: 'a', State: 'Active', Timeout: 60 },
    Tags: { 'DR-Wave': '2' },
  });
  const first = sim.invoke<ListFunctionsCommandOutput>('ListFunctions', { MaxItems: 1 });
  const second = sim.invoke<ListFunctionsCommandOutput>('ListFunctions', {
    MaxItems: 1,
    Marker: first.NextMarker,
  });
  expect(second.Functions!.map((entry) => entry.FunctionName)).toEqual(['b']);
  expect(second.NextMarker).toBeUndefined();
});
