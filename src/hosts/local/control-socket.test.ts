import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { request, type Server } from 'node:http';
import { connect, createServer, type Server as NetServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BreakwaterError } from '#core/errors.ts';
import type { Control } from '#control/control.ts';
import { connectControl, serveControl } from './control-socket.ts';

let directory: string;
let socket: string;
const servers: (Server | NetServer)[] = [];
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'bw-'));
  socket = path.join(directory, 'control.sock');
});
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  rmSync(directory, { recursive: true });
});

async function serve(functions: Partial<Control>): Promise<Control> {
  servers.push(await serveControl(functions as Control, socket));
  return connectControl(socket);
}

/** Sends bytes as they are; answers status and body. */
function post(url: string, body: string, method = 'POST'): Promise<{ status: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath: socket, method, path: url }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode!, body: JSON.parse(text) as unknown }));
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

describe('an error', () => {
  test('travels with its code, message, remedy, details and causes', async () => {
    const control = await serve({
      cancel: () => {
        const cause = new BreakwaterError('StoreCorrupt', 'no row');
        const details = { findings: [{ path: 'waves[0]', value: 7 }] };
        throw new BreakwaterError('GateNotOpen', 'cannot skip', { cause, details });
      },
    });
    await expect(control.cancel({ executionId: 'e', by: 'ana' })).rejects.toMatchObject({
      name: 'GateNotOpen',
      code: 'GateNotOpen',
      message: 'cannot skip',
      remedy: 'Look at the open gates with `breakwater executions show`.',
      details: { findings: [{ path: 'waves[0]', value: 7 }] },
      cause: { message: 'no row' },
    });
  });

  test('that is none of ours travels as a bug, and the process goes on', async () => {
    const control = await serve({
      pause: () => {
        throw new TypeError('undefined is not a function');
      },
      resume: async () => {},
    });
    await expect(control.pause({ executionId: 'e', by: 'ana' })).rejects.toMatchObject({
      code: 'Bug',
      message: 'undefined is not a function',
    });
    expect(await control.resume({ executionId: 'e', by: 'ana' })).toBeNull();
  });
});

describe('what is no call', () => {
  test.each([
    { name: 'an unknown function', url: '/shutdown', body: '{}' },
    { name: 'a name that every object has', url: '/constructor', body: '{}' },
    { name: 'malformed JSON', url: '/pause', body: '{"executionId": ' },
    { name: 'an empty body', url: '/pause', body: '' },
    { name: 'parameters that are no object', url: '/pause', body: '7' },
    { name: 'no parameters', url: '/pause', body: 'null' },
  ])('$name is refused as wrong use', async ({ url, body }) => {
    await serve({ pause: async () => {} });
    expect(await post(url, body)).toMatchObject({ body: { error: { code: 'UsageInvalid' } } });
  });

  test('another HTTP method is refused', async () => {
    await serve({ pause: async () => {} });
    expect(await post('/pause', '{}', 'PUT')).toMatchObject({ body: { error: { code: 'UsageInvalid' } } });
  });

  test('more than 16 MiB is refused', async () => {
    const control = await serve({ pause: async () => {}, resume: async () => {} });
    const reason = 'x'.repeat(17 * 1024 * 1024);
    await expect(control.pause({ executionId: 'e', by: 'ana', reason })).rejects.toMatchObject({
      code: 'UsageInvalid',
      message: 'a call of more than 16 MiB',
    });
    expect(await control.resume({ executionId: 'e', by: 'ana' })).toBeNull();
  });

  test('bytes that are no HTTP do not disturb the others', async () => {
    const control = await serve({ resume: async () => {} });
    await new Promise<void>((resolve) => {
      const client = connect(socket, () => client.end('hello\r\n\r\n'));
      client.on('error', () => {});
      client.once('close', () => resolve());
      client.resume();
    });
    expect(await control.resume({ executionId: 'e', by: 'ana' })).toBeNull();
  });
});

describe('a client that goes away', () => {
  test('while its call is being answered leaves the call done and the others served', async () => {
    const called = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    const control = await serve({
      pause: async () => {
        called.resolve();
        await answered.promise;
      },
      resume: async () => {},
    });
    const outgoing = request({ socketPath: socket, method: 'POST', path: '/pause' });
    outgoing.on('error', () => {});
    outgoing.end('{"executionId":"e","by":"ana"}');
    await called.promise;
    const gone = new Promise((resolve) => outgoing.once('close', resolve));
    outgoing.destroy();
    await gone;
    answered.resolve();
    expect(await control.resume({ executionId: 'e', by: 'ana' })).toBeNull();
  });

  test('in the middle of its call calls nothing', async () => {
    let calls = 0;
    const control = await serve({ pause: async () => void calls++, resume: async () => {} });
    const outgoing = request({
      socketPath: socket,
      method: 'POST',
      path: '/pause',
      headers: { 'content-length': 100 },
    });
    outgoing.on('error', () => {});
    await new Promise((resolve) => outgoing.write('{"executionId":"e"', resolve));
    outgoing.destroy();
    expect(await control.resume({ executionId: 'e', by: 'ana' })).toBeNull();
    expect(calls).toBe(0);
  });
});

describe('a process that goes away', () => {
  /** Answers every call with these bytes and hangs up. */
  async function serveBytes(bytes: string): Promise<Control> {
    const server = createServer((client) => {
      client.on('error', () => {});
      client.once('data', () => client.end(bytes));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    return connectControl(socket);
  }

  test('before the call is not running', async () => {
    const control = connectControl(socket);
    await expect(control.listExecutions()).rejects.toMatchObject({ code: 'ExecutionNotRunning' });
  });

  test.each([
    { name: 'without an answer', bytes: '' },
    { name: 'in the middle of an answer', bytes: 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"result":' },
    {
      name: 'after half an answer that looks whole',
      bytes: 'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{"res',
    },
  ])('$name is not running', async ({ bytes }) => {
    const control = await serveBytes(bytes);
    await expect(control.listExecutions()).rejects.toMatchObject({ code: 'ExecutionNotRunning' });
  });
});

test('only the owner of the directory can open the socket, whoever may look into the directory', async () => {
  await serve({});
  expect(statSync(socket).mode & 0o777).toBe(0o600);
});
