import { BreakwaterError } from '#core/errors.ts';
import type { Role } from '#core/permissions.ts';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createApp } from './app.ts';
import { defineRoute } from './route.ts';

const Thing = z.strictObject({ thingId: z.string().min(1), size: z.int().optional() });
const routes = [
  defineRoute({
    method: 'GET',
    path: '/things/{thingId}',
    permission: 'plan:read',
    operationId: 'getThing',
    tag: 'Things',
    summary: 'Gets a thing',
    params: z.strictObject({ thingId: z.string() }),
    responses: { 200: Thing },
    handle: async ({ params: { thingId } }) => {
      if (thingId === 'of-others') throw new BreakwaterError('Forbidden', 'not yours');
      return { status: 200, body: { thingId }, revision: 3 };
    },
  }),
  defineRoute({
    method: 'PUT',
    path: '/things/{thingId}',
    permission: 'plan:write',
    operationId: 'putThing',
    tag: 'Things',
    summary: 'Changes a thing',
    params: z.strictObject({ thingId: z.string() }),
    body: Thing,
    needsIfMatch: true,
    responses: { 200: Thing },
    handle: async ({ body, ifMatch }) => ({ status: 200, body: { ...body, size: ifMatch } }),
  }),
  defineRoute({
    method: 'GET',
    path: '/broken',
    permission: 'public',
    operationId: 'broken',
    tag: 'Things',
    summary: 'Always fails',
    responses: { 200: Thing },
    handle: async () => {
      throw new TypeError('secret inside');
    },
  }),
];

async function appFor(...roles: Role[]) {
  const errors: unknown[] = [];
  const denied: object[] = [];
  const app = await createApp({
    routes,
    checkAnswers: true,
    onForbidden: async (denial) => void denied.push(denial),
    onError: (error) => errors.push(error),
    authenticator: {
      authenticate: async ({ headers }) => {
        if (headers['authorization'] === undefined) throw new BreakwaterError('Unauthenticated', 'no token');
        return { id: 'token:t', kind: 'token', name: 't', roles };
      },
    },
    limits: { bodyBytes: 1_000 },
  });
  const ask = async (method: 'GET' | 'PUT' | 'POST', url: string, rest: object = {}) => {
    const answer = (await app.inject({
      method,
      url,
      headers: { authorization: 'Bearer x' },
      ...rest,
    } as never)) as unknown as {
      statusCode: number;
      headers: Record<string, string>;
      body: string;
    };
    return { status: answer.statusCode, headers: answer.headers, body: JSON.parse(answer.body) };
  };
  return { app, ask, errors, denied };
}

test('a read answers the ETag of its revision and the id of the request', async () => {
  const { ask } = await appFor('ReadOnly');
  const { status, headers, body } = await ask('GET', '/things/a', {
    headers: { authorization: 'Bearer x', 'x-request-id': 'req-1' },
  });
  expect([status, headers['etag'], headers['x-request-id'], body]).toEqual([
    200,
    '"3"',
    'req-1',
    { thingId: 'a' },
  ]);
});

test('without identity it is 401, without permission 403 that names it, both as problems', async () => {
  const { ask } = await appFor('ReadOnly');
  const nobody = await ask('GET', '/things/a', { headers: {} });
  expect([nobody.status, nobody.body.code, nobody.headers['www-authenticate']]).toEqual([
    401,
    'Unauthenticated',
    'Bearer realm="breakwater"',
  ]);
  const other = await ask('PUT', '/things/a', { payload: { thingId: 'a' } });
  expect([other.status, other.body.detail]).toEqual([
    403,
    't has not the permission plan:write; roles: ReadOnly',
  ]);
  expect(other.headers['content-type']).toContain('application/problem+json');
});

test('a refusal for lack of a permission is told, at the route or further in; one for lack of an identity is not', async () => {
  const { ask, denied } = await appFor('ReadOnly');
  await ask('GET', '/things/a', { headers: {} });
  await ask('GET', '/things/a');
  expect(denied).toEqual([]);
  const headers = { authorization: 'Bearer x', 'x-request-id': 'req-1' };
  await ask('PUT', '/things/a', { headers });
  await ask('GET', '/things/of-others', { headers });
  const seen = { by: 'token:t', address: '127.0.0.1', requestId: 'req-1' };
  expect(denied).toEqual([
    { ...seen, route: 'PUT /things/{thingId}', why: 't has not the permission plan:write; roles: ReadOnly' },
    { ...seen, route: 'GET /things/{thingId}', why: 'not yours' },
  ]);
});

test('unknown members are refused and named; a change needs If-Match', async () => {
  const { ask } = await appFor('Admin');
  const headers = { authorization: 'Bearer x', 'if-match': '"7"' };
  const extra = await ask('PUT', '/things/a', { headers, payload: { thingId: 'a', colour: 1 } });
  expect([extra.status, extra.body.code, extra.body.findings[0].path]).toEqual([
    400,
    'RequestInvalid',
    'colour',
  ]);
  const blind = await ask('PUT', '/things/a', { payload: { thingId: 'a' } });
  expect([blind.status, blind.body.code]).toEqual([428, 'PreconditionMissing']);
  const fine = await ask('PUT', '/things/a', { headers, payload: { thingId: 'a' } });
  expect([fine.status, fine.body]).toEqual([200, { thingId: 'a', size: 7 }]);
});

test('what cannot be read, is too large, or of another type has its own status', async () => {
  const { ask } = await appFor('Admin');
  const put = (payload: string, type = 'application/json') =>
    ask('PUT', '/things/a', {
      headers: { authorization: 'Bearer x', 'if-match': '"1"', 'content-type': type },
      payload,
    });
  expect((await put('{"thingId":')).body.code).toBe('RequestInvalid');
  expect((await put(JSON.stringify({ thingId: 'x'.repeat(2_000) }))).status).toBe(413);
  expect((await put('hello', 'text/csv')).status).toBe(415);
  expect((await put('thingId: a', 'application/yaml')).status).toBe(415);
});

test('an unknown path is 404, a known one with another method 405', async () => {
  const { ask } = await appFor('Admin');
  expect((await ask('GET', '/nothing')).body.code).toBe('RouteNotFound');
  expect((await ask('POST', '/things/a')).status).toBe(405);
});

test('an error of ours says nothing of its inside, and is told to the log', async () => {
  const { ask, errors } = await appFor();
  const { status, body } = await ask('GET', '/broken');
  expect([status, body.code, JSON.stringify(body).includes('secret')]).toEqual([500, 'Bug', false]);
  expect(errors).toHaveLength(1);
});

test('the description names every route, its permission and the problems', async () => {
  const { app } = await appFor();
  const document = app.swagger() as unknown as {
    paths: Record<string, Record<string, { responses: object; description: string }>>;
  };
  expect(Object.keys(document.paths)).toEqual(['/things/{thingId}', '/broken']);
  expect(document.paths['/things/{thingId}']!['put']!.description).toContain('plan:write');
  expect(Object.keys(document.paths['/things/{thingId}']!['get']!.responses)).toEqual(['200', '4XX', '5XX']);
});

test('what is nested without end is refused, not walked', async () => {
  const { ask } = await appFor('Admin');
  const payload = `{"thingId":${'['.repeat(400)}${']'.repeat(400)}}`;
  const headers = { authorization: 'Bearer x', 'if-match': '"1"', 'content-type': 'application/json' };
  const { status, body } = await ask('PUT', '/things/a', { headers, payload });
  expect([status, body.detail]).toEqual([400, 'the body is nested more than 100 deep']);
});

describe('behind a proxy', () => {
  const proxied = async (trustProxy?: string[]) => {
    const seen: string[] = [];
    const route = defineRoute({
      method: 'GET',
      path: '/where',
      permission: 'public',
      operationId: 'where',
      tag: 'Things',
      summary: 'Where from',
      responses: { 200: z.object({}) },
      handle: async ({ address }) => ({ status: 200, body: { seen: seen.push(address) } }),
    });
    const app = await createApp({
      routes: [route],
      onError: () => {},
      authenticator: { authenticate: () => Promise.reject(new BreakwaterError('Unauthenticated', 'no')) },
      limits: { perAddressAMinute: 1 },
      ...(trustProxy === undefined ? {} : { trustProxy }),
    });
    const from = async (remoteAddress: string, forwarded: string) => {
      const headers = { 'x-forwarded-for': forwarded };
      return (await app.inject({ url: '/where', remoteAddress, headers })).statusCode;
    };
    return { from, seen };
  };

  test('X-Forwarded-For is not read, and all callers share the limit of the proxy, unless the proxy is named', async () => {
    const { from, seen } = await proxied();
    expect([await from('10.0.0.1', '192.0.2.1'), await from('10.0.0.1', '192.0.2.2')]).toEqual([200, 429]);
    expect(seen).toEqual(['10.0.0.1']);
  });

  test('each caller of a named proxy has their own address and limit', async () => {
    const { from, seen } = await proxied(['10.0.0.0/8', '::1']);
    expect([await from('10.0.0.1', '192.0.2.1'), await from('10.9.0.1', '192.0.2.2')]).toEqual([200, 200]);
    expect(await from('::1', '192.0.2.1')).toBe(429);
    expect(seen).toEqual(['192.0.2.1', '192.0.2.2']);
  });

  test('what a caller has put into the header themselves does not count, nor what comes past the proxy', async () => {
    const { from, seen } = await proxied(['10.0.0.0/8']);
    await from('10.0.0.1', '203.0.113.9, 192.0.2.1');
    await from('198.51.100.1', '203.0.113.9');
    expect(seen).toEqual(['192.0.2.1', '198.51.100.1']);
  });
});

test('headers without end are answered with a problem, and the connection ends', async () => {
  const { app } = await appFor('Admin');
  await app.listen({ port: 0, host: '127.0.0.1' });
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(`GET /broken HTTP/1.1\r\nhost: x\r\nx-long: ${'a'.repeat(50_000)}\r\n\r\n`);
  const answer = await text(socket);
  await app.close();
  expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  expect(JSON.parse(answer.slice(answer.indexOf('{')))).toMatchObject({
    status: 431,
    code: 'RequestTooLarge',
  });
});
