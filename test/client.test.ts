import { expect, test } from 'vitest';
import { BreakwaterClient } from '../clients/typescript/breakwater.ts';
import { followEvents } from '../clients/typescript/follow-events.ts';
import { ProblemError } from '../clients/typescript/transport.ts';

interface Heard {
  readonly what: string;
  readonly headers: Record<string, string>;
  readonly body: unknown;
}

/** A client whose server answers these, one after the other, and what that server hears. */
function clientOf(
  answers: (Response | Error)[],
  params: { token?: string | (() => string); headers?: Record<string, string> } = {},
): { client: BreakwaterClient; heard: Heard[] } {
  const heard: Heard[] = [];
  const ask = async (
    url: string | URL | Request,
    { method, headers, body }: RequestInit = {},
  ): Promise<Response> => {
    heard.push({
      what: `${method} ${url as string}`,
      headers: Object.fromEntries(headers as Headers),
      body,
    });
    const answer = answers.shift()!;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { client: new BreakwaterClient({ url: 'http://server/', fetch: ask, ...params }), heard };
}

const json = (body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), {
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  });

const problem = (status: number, code: string): Response =>
  new Response(JSON.stringify({ code, detail: 'so it is' }), {
    status,
    headers: { 'content-type': 'application/problem+json' },
  });

async function caught(promise: Promise<unknown>): Promise<ProblemError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ProblemError) return error;
  }
  throw new TypeError('no problem was thrown');
}

test('an answer has its data, its ETag and its status', async () => {
  const { client } = clientOf([json({ planId: 'a' }, { etag: '"3"' })]);
  expect(await client.getPlan({ planId: 'a' })).toMatchObject({
    status: 200,
    data: { planId: 'a' },
    etag: '"3"',
  });
});

test('ids cannot leave their place in the path, and what is not given is not asked', async () => {
  const { client, heard } = clientOf([json({}), json({}), json({})]);
  await client.getExecution({ executionId: '../tokens?x' });
  await client.listExecutions({ limit: 2, cursor: undefined });
  await client.listSourceServers({ tag: ['A=1', 'B=2 3'] });
  expect(heard.map(({ what }) => what)).toEqual([
    'GET http://server/executions/..%2Ftokens%3Fx',
    'GET http://server/executions?limit=2',
    'GET http://server/drs/source-servers?tag=A%3D1&tag=B%3D2+3',
  ]);
});

test('a body goes as JSON, a text as YAML, and headers as the operation has them', async () => {
  const { client, heard } = clientOf([json({}), json({})]);
  await client.startExecution({ body: { planId: 'a', mode: 'drill' }, idempotencyKey: 'once' });
  await client.updatePlan({ planId: 'a', ifMatch: '"1"', body: 'waves: []' });
  expect(heard).toMatchObject([
    {
      headers: { 'content-type': 'application/json', 'idempotency-key': 'once' },
      body: '{"planId":"a","mode":"drill"}',
    },
    { headers: { 'content-type': 'application/yaml', 'if-match': '"1"' }, body: 'waves: []' },
  ]);
});

test('a token that is a function is asked before each call', async () => {
  let asked = 0;
  const { client, heard } = clientOf([json({}), json({})], {
    token: () => `t${++asked}`,
    headers: { 'x-team': 'dr' },
  });
  await client.getMe();
  await client.getMe({ headers: { 'x-request-id': 'mine' } });
  expect(heard).toMatchObject([
    { headers: { authorization: 'Bearer t1', 'x-team': 'dr' } },
    { headers: { authorization: 'Bearer t2', 'x-request-id': 'mine' } },
  ]);
});

test('a problem is thrown with its code; what something between has answered, without', async () => {
  const { client } = clientOf([
    problem(409, 'GateNotOpen'),
    new Response('<html>', { status: 502, statusText: 'Bad Gateway' }),
  ]);
  const told = await caught(client.listGates({ executionId: 'e' }));
  expect([told.status, told.code, told.message]).toEqual([
    409,
    'GateNotOpen',
    'GET /executions/e/gates answered 409: GateNotOpen: so it is',
  ]);
  const between = await caught(client.getMe());
  expect([between.code, between.problem, between.message]).toEqual([
    '',
    null,
    'GET /me answered 502: Bad Gateway',
  ]);
});

/** A piece of a stream; the connection breaks after it if it says so. */
function stream(text: string, breaks = false): Response {
  const pieces = [text.slice(0, 20), text.slice(20)];
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const piece = pieces.shift();
      if (piece !== undefined) controller.enqueue(new TextEncoder().encode(piece));
      else if (breaks) controller.error(new TypeError('terminated'));
      else controller.close();
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

const event = (sequence: number, code = 'WaveStarted'): string =>
  `id: ${sequence}\nevent: ${code}\ndata: ${JSON.stringify({ sequence, code })}\n\n`;

const follow = (client: BreakwaterClient) => followEvents(client, { executionId: 'e', tries: 3, waitMs: 0 });

test('events go on after the last one when a connection breaks, and end with the execution', async () => {
  const { client, heard } = clientOf([
    stream(`: breakwater\n\n${event(1)}${event(2)}data: {"half`, true),
    new TypeError('fetch failed'),
    stream(`${event(3)}${event(4, 'ExecutionCompleted')}`),
  ]);
  const sequences: number[] = [];
  for await (const { sequence } of follow(client)) sequences.push(sequence);
  expect(sequences).toEqual([1, 2, 3, 4]);
  expect(heard.map(({ headers }) => headers['last-event-id'])).toEqual(['0', '2', '2']);
});

test('following what has ended and has nothing new ends; a server that stops is waited for', async () => {
  const { client, heard } = clientOf([
    stream(': breakwater\n\n'),
    json({ status: 'in_progress' }),
    stream(': breakwater\n\n'),
    json({ status: 'completed' }),
  ]);
  for await (const _ of follow(client)) throw new TypeError('there was no event');
  expect(heard).toHaveLength(4);
});

test('what no further try mends is thrown at once, all else after the last try', async () => {
  const refused = clientOf([problem(404, 'ExecutionNotFound')]);
  expect((await caught(follow(refused.client).next())).code).toBe('ExecutionNotFound');
  const gone = clientOf([
    problem(503, 'NotReady'),
    problem(429, 'TooManyRequests'),
    problem(503, 'NotReady'),
  ]);
  expect((await caught(follow(gone.client).next())).code).toBe('NotReady');
  expect(gone.heard).toHaveLength(3);
});

test('the types refuse a word that there is not and a change without what was read, and take the next cursor as it is', async () => {
  const { client, heard } = clientOf([
    json({ plans: [], nextCursor: 'c' }),
    json({ plans: [] }),
    json({}),
    json({}),
  ]);
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor; isFirst = false)
    cursor = (await client.listPlans({ cursor })).data.nextCursor;
  // @ts-expect-error -- drill or recovery
  await client.startExecution({ body: { planId: 'a', mode: 'test' } });
  // @ts-expect-error -- ifMatch is missing
  await client.deletePlan({ planId: 'a' });
  expect(heard.map(({ what }) => what)).toEqual([
    'GET http://server/recovery-plans',
    'GET http://server/recovery-plans?cursor=c',
    'POST http://server/executions',
    'DELETE http://server/recovery-plans/a',
  ]);
});
