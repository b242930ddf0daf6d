import type { RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { listen, type Listening } from '../../../test/support/listen.ts';
import { handler as pauseResume } from './pause-resume.ts';
import { openPorts } from './ports.ts';

const asked: { target: string; body: Record<string, unknown> }[] = [];

/** Stands for DynamoDB and Step Functions: it has nothing, and takes everything. */
const answerAll: RequestListener = (request, response) => {
  void text(request).then((body) => {
    const target = String(request.headers['x-amz-target']);
    asked.push({ target, body: JSON.parse(body) as Record<string, unknown> });
    response.setHeader('content-type', 'application/x-amz-json-1.0').end('{}');
  });
};
let aws: Listening;

beforeAll(async () => {
  aws = await listen(answerAll);
  vi.stubEnv('AWS_ENDPOINT_URL', aws.url);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'key');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('TABLE_PREFIX', 'dr-');
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await aws.close();
});

test('records are read in the tables of the deployment, and gates are opened in its engine', async () => {
  const { store, engine } = openPorts(process.env);
  expect(await store.get({ table: 'recovery-plans', key: { partition: 'plan-1', sort: '' } })).toBeNull();
  await engine.completeTask({ taskToken: 'token-1', output: { proceed: true } });
  expect(asked).toMatchObject([
    { target: 'DynamoDB_20120810.GetItem', body: { TableName: 'dr-recovery-plans' } },
    {
      target: 'AWSStepFunctions.SendTaskSuccess',
      body: { taskToken: 'token-1', output: '{"proceed":true}' },
    },
  ]);
});

test('a gate of an execution that the records do not have goes back to the queue', async () => {
  const body = JSON.stringify({ executionId: 'gone', waveNumber: 1, kind: 'pause', taskToken: 'token-2' });
  expect(await pauseResume({ Records: [{ messageId: 'm1', body }] })).toEqual({
    batchItemFailures: [{ itemIdentifier: 'm1' }],
  });
});
