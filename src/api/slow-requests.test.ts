import { BreakwaterError } from '#core/errors.ts';
import { once } from 'node:events';
import { Server as HttpsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { createApp } from './app.ts';
import { defineRoute } from './route.ts';

const REQUEST_MS = 300;
/** Far less than the request would need, far more than the server takes. */
const PATIENCE_MS = 5_000;

const handled: unknown[] = [];
const route = defineRoute({
  method: 'POST',
  path: '/things',
  permission: 'public',
  operationId: 'makeThing',
  tag: 'Things',
  summary: 'Makes a thing',
  body: z.object({ size: z.int() }),
  responses: { 200: z.object({ size: z.int() }) },
  handle: async ({ body }) => {
    handled.push(body);
    return { status: 200, body };
  },
});

let close = async (): Promise<void> => {};
afterEach(async () => {
  handled.length = 0;
  await close();
});

const appFor = (more: object = {}) =>
  createApp({
    routes: [route],
    onError: (error) => expect.soft(error).toBeNull(),
    authenticator: {
      authenticate: async () => {
        throw new BreakwaterError('Unauthenticated', 'nobody');
      },
    },
    limits: { requestMs: REQUEST_MS },
    ...more,
  });

async function listening(): Promise<() => Promise<Socket>> {
  const app = await appFor();
  await app.listen({ port: 0, host: '127.0.0.1' });
  close = () => app.close();
  const { port } = app.server.address() as AddressInfo;
  return async () => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  };
}

/** Sends the start at once and the rest a character at a time, which would take for ever; answers what the server said. */
async function drip(socket: Socket, start: string, rest: string): Promise<string> {
  socket.write(start);
  let sent = 0;
  const dripping = setInterval(
    () => socket.writable && socket.write(rest.charAt(sent++ % (rest.length || 1))),
    20,
  );
  const giveUp = setTimeout(() => socket.destroy(), PATIENCE_MS);
  // To write to a connection that the other side has ended is an error of its own.
  socket.on('error', () => {});
  const said = await text(socket).catch(() => '');
  clearInterval(dripping);
  clearTimeout(giveUp);
  return said;
}

const HEAD = 'POST /things HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';

test.each([
  { what: 'a body that drips', start: `${HEAD}content-length: 5000\r\n\r\n{"size":1,"x":"`, rest: 'a' },
  {
    what: 'a body in chunks that drips',
    start: `${HEAD}transfer-encoding: chunked\r\n\r\n`,
    rest: '1\r\na\r\n',
  },
  { what: 'headers that drip', start: 'GET /things HTTP/1.1\r\nhost: x\r\nx-long: ', rest: 'a' },
  { what: 'a request line that drips', start: 'GET /', rest: 'a' },
  { what: 'a connection on which nothing comes', start: '', rest: '' },
  { what: 'headers of which each is whole, without end', start: HEAD, rest: 'x: y\r\n' },
])('$what is ended within the limit, with a problem that says so', async ({ start, rest }) => {
  const open = await listening();
  const said = await drip(await open(), start, rest);
  expect(said).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  expect(JSON.parse(said.slice(said.indexOf('{')))).toMatchObject({ status: 408, code: 'RequestTooSlow' });
  expect(handled).toEqual([]);
});

test('the limits hold with TLS as well', async () => {
  const { server } = await appFor({ tls: { key: '', cert: '' } });
  expect([server instanceof HttpsServer, server.requestTimeout, server.headersTimeout]).toEqual([
    true,
    REQUEST_MS,
    REQUEST_MS,
  ]);
});

test('fifty that drip do not keep another from being answered', async () => {
  const open = await listening();
  const slow = await Promise.all(Array.from({ length: 50 }, open));
  const dripping = slow.map((socket) => drip(socket, `${HEAD}content-length: 5000\r\n\r\n`, ' '));
  const quick = await open();
  quick.write(`${HEAD}content-length: 10\r\nconnection: close\r\n\r\n{"size":1}`);
  expect(await text(quick)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  const answers = await Promise.all(dripping);
  expect(answers.filter((said) => !said.startsWith('HTTP/1.1 408'))).toEqual([]);
  expect(handled).toEqual([{ size: 1 }]);
});
