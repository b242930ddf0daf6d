import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createApp } from '#api/app.ts';
import { virtualClock } from '#clocks/virtual.ts';
import { BreakwaterError } from '#core/errors.ts';
import { readScenario } from '#sim/index.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { apiOf } from '../api-of.ts';
import { simulatedEstate } from './estate.ts';
import { openPlatform } from './platform.ts';

/** What no client of ours sends, to a listening server with all its parts. */
const server = { url: '', token: '' };
const closers: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const scenario = readScenario(readFileSync('examples/core-banking/estate.yaml', 'utf8'));
  const clock = virtualClock({ startsAt: scenario.startsAt });
  const estate = simulatedEstate({ scenario, clock, path: null });
  const platform = await openPlatform({
    recordsPath: ':memory:',
    enginePath: ':memory:',
    clock,
    estate,
    seed: 1,
  });
  const api = apiOf({
    platform,
    askSts: () => Promise.reject(new BreakwaterError('Unauthenticated', 'no STS here')),
    fetch: () => Promise.reject(new TypeError('no network here')),
  });
  const app = await createApp({
    routes: api.routes,
    authenticator: api.authenticator,
    onError: (error) => expect.unreachable(String(error)),
  });
  closers.push(
    () => app.close(),
    () => platform.close(),
  );
  server.url = await app.listen({ host: '127.0.0.1', port: 0 });
  server.token = (await api.plane.tokens.ensureAdminToken({ anew: false }))!;
});

afterAll(async () => {
  for (const close of closers) await close();
});

async function ask(
  what: string,
  sent?: unknown,
  headers: Readonly<Record<string, string>> = {},
  // oxlint-disable-next-line typescript/no-explicit-any -- a test says what it expects of an answer
): Promise<{ status: number; body: any }> {
  const [method, place] = what.split(' ') as [string, string];
  const response = await fetch(`${server.url}${place}`, {
    method,
    headers: {
      authorization: `Bearer ${server.token}`,
      ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(sent === undefined ? {} : { body: typeof sent === 'string' ? sent : JSON.stringify(sent) }),
  });
  return { status: response.status, body: await response.json() };
}

/** Sends bytes as they are, and answers all that comes back. */
async function raw(text: string): Promise<string> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk)).on('error', () => {});
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

const get = (target: string, headers: readonly string[] = []): Promise<string> =>
  raw(
    [
      `GET ${target} HTTP/1.1`,
      'Host: localhost',
      `Authorization: Bearer ${server.token}`,
      'Connection: close',
      ...headers,
      '',
      '',
    ].join('\r\n'),
  );

test.each([
  ['{"name": ', 'RequestInvalid'],
  ['', 'RequestInvalid'],
  ['null', 'RequestInvalid'],
  ['[1]', 'RequestInvalid'],
  [String.raw`{"planId": "\u0000", "mode": "drill"}`, 'RequestInvalid'],
  [String.raw`{"planId": "\ud800", "mode": "drill"}`, 'RequestInvalid'],
  ['{"__proto__": {"mode": "drill"}}', 'RequestInvalid'],
])('the body %j is refused', async (body, code) => {
  const answer = await ask('POST /executions', body);
  expect([answer.status, answer.body.code]).toEqual([400, code]);
});

test('unknown members are refused, and named', async () => {
  const group = { groupId: 'web', tags: { Tier: 'web' }, colour: 'red' };
  const { status, body } = await ask('POST /protection-groups', group);
  expect(status).toBe(400);
  expect(body.findings).toMatchObject([{ path: 'colour' }]);
});

test('a body of 50 MB is refused before it is read', async () => {
  const answer = await raw(
    [
      'POST /recovery-plans HTTP/1.1',
      'Host: localhost',
      `Authorization: Bearer ${server.token}`,
      'Content-Type: application/json',
      `Content-Length: ${50 * 1024 * 1024}`,
      'Connection: close',
      '',
      '{"name": "x"',
    ].join('\r\n'),
  );
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(answer).toContain('"code":"RequestTooLarge"');
});

test.each([
  '/executions/../tokens',
  '/executions/..%2f..%2ftokens',
  '/executions/%2e%2e/tokens',
  '//tokens',
  '/executions/%00',
  '/recovery-plans/a%00',
  '/executions?planId=%00',
  '/audit?executionId=%00',
  '/executions/%zz',
  '/executions/a%0d%0aset-cookie:x',
  `/executions/${'a'.repeat(3_000)}`,
  '/docs/..%2f..%2fpackage.json',
  '/%5c..%5cpackage.json',
])('%s leads nowhere', async (target) => {
  const answer = await get(target);
  expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
  expect(answer).not.toMatch(/"tokens":|^set-cookie/im);
  expect(answer).toContain('"code":');
});

test.each([
  ['a new line in disguise', 'X-Request-Id: a%0d%0aSet-Cookie: x'],
  ['other letters', 'X-Request-Id: \u00e9\u00e9'],
  ['too long a text', `X-Request-Id: ${'r'.repeat(2_000)}`],
])('%s is not taken as the id of a request', async (_what, header) => {
  const answer = await get('/me', [header]);
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(answer).toMatch(/^x-request-id: [0-9a-f-]{36}$/im);
  expect(answer).not.toMatch(/^set-cookie/im);
});

test('a header with a bare line break ends the connection, and nothing of it comes back', async () => {
  const answer = await get('/me', ['X-Request-Id: a\nSet-Cookie: x']);
  expect(answer).not.toMatch(/^set-cookie/im);
});

test('what belongs to nobody is not found, and does not say more', async () => {
  const asked = ['executions/exec-1', 'recovery-plans/none', 'target-accounts/000000000000', 'triggers/none'];
  for (const place of asked) {
    const { status, body } = await ask(`GET /${place}`);
    expect([place, status, body.code]).toEqual([place, 404, expect.stringMatching(/NotFound$/)]);
  }
});

test('a stale If-Match changes nothing, and one that is missing or no ETag is said to be', async () => {
  const group = { groupId: 'db', tags: { Tier: 'db' } };
  await ask('POST /protection-groups', group);
  const put = async (ifMatch?: string): Promise<[number, string]> => {
    const headers = ifMatch === undefined ? {} : { 'if-match': ifMatch };
    const { status, body } = await ask('PUT /protection-groups/db', { ...group, name: 'x' }, headers);
    return [status, body.code];
  };
  expect(await put()).toEqual([428, 'PreconditionMissing']);
  expect(await put('"7"')).toEqual([412, 'PreconditionFailed']);
  expect((await put('x'))[0]).toBe(400);
  expect((await ask('GET /protection-groups/db')).body.name).toBeUndefined();
});

test('an Idempotency-Key with another body is refused, and starts nothing', async () => {
  const headers = { 'idempotency-key': 'k-1' };
  const plan = {
    name: 'Two',
    region: 'us-west-2',
    waves: [
      {
        waveNumber: 1,
        name: 'One',
        technologies: [
          { type: 'database', operation: 'failover', resources: { clusters: ['aurora-prod-cluster'] } },
        ],
      },
    ],
  };
  const first = await ask('POST /executions', { plan, mode: 'drill' }, headers);
  expect(first.status).toBe(202);
  const other = { plan: { ...plan, name: 'Other' }, mode: 'drill' };
  const second = await ask('POST /executions', other, headers);
  expect([second.status, second.body.code]).toEqual([409, 'IdempotencyKeyReused']);
  expect((await ask('GET /executions')).body.executions).toHaveLength(1);
});
