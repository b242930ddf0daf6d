import type { RequestListener } from 'node:http';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { drsService } from '#aws/services/drs.ts';
import type { Json } from '#core/json.ts';
import { memoryStore } from '#store/memory-store.ts';
import { planOf, workbench } from '#workflow/testing/bench.ts';
import { cleanUpExecution } from '#workflow/execution.ts';
import { startTechnology } from '#workflow/technologies.ts';
import { listen, type Listening } from '../../../test/support/listen.ts';
import { lambdaServices, thenSettled, type Adapter } from './services.ts';

/** Stands for DRS: it has nothing, and takes everything. */
const answerAll: RequestListener = (request, response) => {
  request.resume().on('end', () => response.setHeader('content-type', 'application/json').end('{}'));
};
let aws: Listening;

beforeAll(async () => {
  aws = await listen(answerAll);
  vi.stubEnv('AWS_ENDPOINT_URL', aws.url);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'key');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await aws.close();
});

afterEach(() => void vi.restoreAllMocks());

function stage(store = memoryStore(), operations: Adapter['operations'] = []) {
  const lines: Record<string, Json>[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    lines.push(JSON.parse(String(text)) as Record<string, Json>);
    return true;
  });
  const adapter = { operations, services: { drs: drsService } };
  const engine = { completeTask: async () => {} };
  const services = lambdaServices(adapter, { AWS_REGION: 'eu-central-1' }, { store, engine });
  const announced = async (): Promise<Json[]> => {
    const query = { table: 'platform-records', partition: 'audit-announced' } as const;
    return (await store.query(query)).rows.map(({ value }) => value);
  };
  return { services, store, lines, announced };
}

test('the calls of an execution are durable when the handler answers, and in the log, those that only read too', async () => {
  const { services, lines, announced } = stage();
  const handler = thenSettled(async ({ awsFor }, input: Json) => {
    const { drs } = awsFor('exec-1').for({});
    await drs.startRecovery({ sourceServers: [] });
    await drs.describeJobs({});
    return input;
  });
  expect(await handler(services, 'in')).toBe('in');
  expect(await announced()).toMatchObject([
    { record: { action: 'aws.call', executionId: 'exec-1', target: 'drs:StartRecovery' } },
    { record: { action: 'aws.call', executionId: 'exec-1', target: 'drs:DescribeJobs' } },
  ]);
  expect(lines).toMatchObject([
    {
      level: 'INFO',
      message: 'aws call',
      executionId: 'exec-1',
      iamAction: 'drs:StartRecovery',
      error: null,
    },
    { level: 'INFO', message: 'aws call', executionId: 'exec-1', iamAction: 'drs:DescribeJobs', error: null },
  ]);
});

test('a call is durable also when the handler fails', async () => {
  const { services, announced } = stage();
  const handler = thenSettled(async ({ awsFor }) => {
    await awsFor('exec-1').for({}).drs.describeJobs({});
    throw new TypeError('broken');
  });
  await expect(handler(services, null)).rejects.toThrow('broken');
  expect(await announced()).toMatchObject([{ record: { target: 'drs:DescribeJobs' } }]);
});

test('a handler whose calls cannot be written down fails, and the next one is none the worse', async () => {
  const store = memoryStore();
  const { services } = stage(store);
  const handler = thenSettled(async ({ awsFor }, _: Json) => {
    await awsFor('exec-1').for({}).drs.describeJobs({});
  });
  const write = store.write.bind(store);
  store.write = async () => Promise.reject(new RangeError('throttled'));
  await expect(handler(services, null)).rejects.toThrow('throttled');
  store.write = write;
  await expect(handler(services, null)).resolves.toBeUndefined();
});

test('each event that a handler has written is a line in the log, with the type of its technology', async () => {
  const bench = workbench();
  const { services, lines } = stage(bench.deps.store);
  const executionId = await bench.start(planOf([{}]));
  await services.executions.change(executionId, (change) =>
    change.emit('TechnologyFailed', { technology: 'Databases', technologyType: 'database', message: 'no' }),
  );
  await cleanUpExecution(services, { executionId, failure: null });
  expect(lines.map(({ message, code, technologyType }) => [message, code, technologyType])).toEqual([
    ['execution event', 'TechnologyFailed', 'database'],
    ['execution event', 'WaveCancelled', undefined],
    ['execution event', 'ExecutionFailed', undefined],
  ]);
  expect(lines[0]).toMatchObject({ level: 'INFO', executionId, sequence: 2, data: { message: 'no' } });
});

test('while it works on a technology no other function does, and afterwards any may', async () => {
  const bench = workbench();
  const turns = async (): Promise<string[]> => {
    const query = { table: 'platform-records', partition: 'turns' } as const;
    return (await bench.deps.store.query(query)).rows.map(({ key }) => key.sort);
  };
  const operation = bench.services.findOperation('scripted', 'run');
  const seen: string[][] = [];
  const watched: typeof operation = {
    ...operation,
    start: async (...asked) => {
      seen.push(await turns());
      return operation.start(...asked);
    },
  };
  const { services } = stage(bench.deps.store, [watched]);
  const executionId = await bench.start(planOf([{}]));
  await startTechnology(services, { executionId, waveNumber: 1, technologyIndex: 0 });
  expect([seen, await turns()]).toEqual([[[`technology/${executionId}/1/0`]], []]);
});
