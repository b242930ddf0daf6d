import {
  GetAliasCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-lambda';
import { expect, test } from 'vitest';
import { ACCOUNT } from '../testing.ts';
import { wireWorld } from '../wire-testing.ts';

const sim = wireWorld({
  regions: {
    'eu-west-1': {
      lambda: {
        functions: [
          { name: 'warm-cache', response: { warmed: 'ä' }, aliases: ['live'] },
          { name: 'broken', error: 'boom' },
        ],
      },
    },
  },
});
const lambda = new LambdaClient(sim.client());

test('a function is invoked as a real client sees it', async () => {
  const FunctionName = `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:warm-cache`;
  const output = await lambda.send(
    new InvokeCommand({ FunctionName, Payload: Buffer.from('{"n":1}'), LogType: 'Tail' }),
  );
  expect(output).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
  expect(output.FunctionError).toBeUndefined();
  expect(output.Payload!.transformToString()).toBe('{"warmed":"ä"}');
  expect(Buffer.from(output.LogResult!, 'base64').toString()).toContain('REPORT Duration: 200.00 ms');
});

test('a function error, an event and a dry run have their statuses', async () => {
  const failed = await lambda.send(new InvokeCommand({ FunctionName: 'broken' }));
  expect([failed.StatusCode, failed.FunctionError]).toEqual([200, 'Unhandled']);
  expect(JSON.parse(failed.Payload!.transformToString())).toMatchObject({ errorMessage: 'boom' });
  const event = await lambda.send(new InvokeCommand({ FunctionName: 'warm-cache', InvocationType: 'Event' }));
  expect(event.StatusCode).toBe(202);
  const dry = await lambda.send(new InvokeCommand({ FunctionName: 'warm-cache', InvocationType: 'DryRun' }));
  expect(dry.StatusCode).toBe(204);
});

test('functions are read, and an unknown one is a typed error', async () => {
  expect((await lambda.send(new ListFunctionsCommand({}))).Functions!.length).toBe(2);
  expect((await lambda.send(new GetFunctionCommand({ FunctionName: 'broken' }))).Configuration!.State).toBe(
    'Active',
  );
  expect((await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'broken' }))).Timeout).toBe(
    60,
  );
  const unknown = lambda.send(new InvokeCommand({ FunctionName: 'none' }));
  await expect(unknown).rejects.toBeInstanceOf(ResourceNotFoundException);
  await expect(unknown).rejects.toThrow(
    `Function not found: arn:aws:lambda:eu-west-1:${ACCOUNT}:function:none`,
  );
});

test('an alias is looked at by its name, and one that is not there is a typed error', async () => {
  const alias = await lambda.send(new GetAliasCommand({ FunctionName: 'warm-cache', Name: 'live' }));
  expect(alias).toMatchObject({
    AliasArn: `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:warm-cache:live`,
    Name: 'live',
    FunctionVersion: '1',
  });
  const unknown = lambda.send(new GetAliasCommand({ FunctionName: 'broken', Name: 'live' }));
  await expect(unknown).rejects.toBeInstanceOf(ResourceNotFoundException);
});
