import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { outgoingFetch } from './outgoing-fetch.ts';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server at an address of this machine; answers its port. */
async function serve(listener: RequestListener, { host = '127.0.0.1', port = 0 } = {}): Promise<number> {
  const server = createServer(listener);
  open.push(server);
  server.listen(port, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Answers for a name, one after the other; the last one again and again. */
function names(...answers: string[][]) {
  const asked: string[] = [];
  const lookup = async (host: string) => {
    const addresses = answers[Math.min(asked.push(host), answers.length) - 1]!;
    return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  };
  return { asked, lookup };
}

const METADATA = '169.254.169.254';
const refusal = (message: string) => ({ code: 'RequestInvalid', message });

test('a name is asked for once, and the connection goes to the address that was looked at', async () => {
  const reached: string[] = [];
  const port = await serve((_, response) => void response.end(String(reached.push('first'))));
  await serve((_, response) => void response.end(String(reached.push('other'))), { host: '127.0.0.2', port });
  const { asked, lookup } = names(['127.0.0.1'], ['127.0.0.2']);
  await outgoingFetch({ lookup })(`http://rebinds.example:${port}/`);
  expect([asked, reached]).toEqual([['rebinds.example'], ['first']]);
});

test('the next request asks for the name anew, and does not go where it leads then, if that must not be asked', async () => {
  let requests = 0;
  const port = await serve((_, response) => void response.end(String(++requests)));
  const { asked, lookup } = names(['127.0.0.1'], [METADATA]);
  const ask = outgoingFetch({ lookup });
  await (await ask(`http://rebinds.example:${port}/`)).text();
  await expect(ask(`http://rebinds.example:${port}/`)).rejects.toMatchObject(
    refusal(`${METADATA} is link-local or serves metadata`),
  );
  expect([asked.length, requests]).toEqual([2, 1]);
});

test('one address among several that must not be asked is enough', async () => {
  let requests = 0;
  const port = await serve((_, response) => void response.end(String(++requests)));
  const ask = outgoingFetch({ lookup: names(['127.0.0.1', 'fd00:ec2::254']).lookup });
  await expect(ask(`http://two.example:${port}/`)).rejects.toMatchObject(
    refusal('fd00:ec2::254 is link-local or serves metadata'),
  );
  expect(requests).toBe(0);
});

test.each([`http://${METADATA}/`, 'http://[::ffff:a9fe:a9fe]/', 'https://[fe80::1]/'])(
  'an address that stands in the URL is looked at as well: %s',
  async (url) => {
    const { asked, lookup } = names([]);
    await expect(outgoingFetch({ lookup })(url)).rejects.toMatchObject({ code: 'RequestInvalid' });
    expect(asked).toEqual([]);
  },
);

test('a redirect is an answer like others, and is not followed', async () => {
  const paths: string[] = [];
  const port = await serve((request, response) => {
    paths.push(request.url!);
    response.writeHead(307, { location: '/elsewhere' }).end();
  });
  const answer = await outgoingFetch()(`http://127.0.0.1:${port}/here`);
  expect([answer.status, answer.headers.get('location'), paths]).toEqual([307, '/elsewhere', ['/here']]);
});

test('a rule of the host hears of the host before anybody is asked, and then of its addresses', async () => {
  const heard: unknown[] = [];
  const { lookup } = names(['127.0.0.1']);
  const rule = (host: string, addresses: readonly string[]) => {
    heard.push([host, addresses]);
    return addresses.length > 0 ? 'not there' : null;
  };
  await expect(outgoingFetch({ rule, lookup })('http://a.example:1/')).rejects.toMatchObject(
    refusal('not there'),
  );
  expect(heard).toEqual([
    ['a.example', []],
    ['a.example', ['127.0.0.1']],
  ]);
});

test('what is sent and what is answered arrives whole', async () => {
  const long = 'ä'.repeat(200_000);
  const port = await serve((request, response) => {
    const { method, headers } = request;
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => void (text += chunk));
    request.on('end', () => {
      response.setHeader('x-two', ['a', 'b']);
      response.end(JSON.stringify({ method, type: headers['content-type'], length: text.length, text }));
    });
  });
  const init = { method: 'POST', headers: { 'content-type': 'text/plain' }, body: long };
  const answer = await outgoingFetch()(new URL(`http://localhost:${port}/`), init);
  expect([answer.status, answer.headers.get('x-two')]).toEqual([200, 'a, b']);
  expect(await answer.json()).toEqual({ method: 'POST', type: 'text/plain', length: 200_000, text: long });
});

test('an answer without a body has none', async () => {
  const port = await serve((_, response) => void response.writeHead(204).end());
  const answer = await outgoingFetch()(`http://127.0.0.1:${port}/`);
  expect([answer.status, answer.body]).toEqual([204, null]);
});

test('who waits no longer is heard, before the answer and in the middle of it', async () => {
  const port = await serve((request, response) => {
    if (request.url === '/half') response.write('half');
  });
  const silent = new AbortController();
  const waiting = outgoingFetch()(`http://127.0.0.1:${port}/silent`, { signal: silent.signal });
  silent.abort(new Error('too late'));
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError', cause: { message: 'too late' } });
  const half = new AbortController();
  const answer = await outgoingFetch()(`http://127.0.0.1:${port}/half`, { signal: half.signal });
  const reading = answer.text();
  half.abort(new Error('too late'));
  await expect(reading).rejects.toThrow();
});

test('what the network says keeps its code', async () => {
  const lost = async () => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }));
  await expect(outgoingFetch({ lookup: lost })('http://lost.example/')).rejects.toMatchObject({
    code: 'ENOTFOUND',
  });
  const port = await serve(() => {});
  open.pop()!.close();
  await expect(outgoingFetch()(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
