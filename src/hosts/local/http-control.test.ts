import { expect, test } from 'vitest';
import { httpControl } from './http-control.ts';

function serverThat(answer: (request: { method: string; url: string; body: string }) => Response | Error) {
  const asked: { method: string; url: string; body: string; headers: Record<string, string> }[] = [];
  const control = httpControl({
    url: 'https://dr.example.com/',
    identity: async () => ({ authorization: 'Bearer bwt_a_b' }),
    sleep: async () => {},
    fetch: (async (url: URL, init: RequestInit) => {
      const request = {
        method: init.method!,
        url: String(url),
        body: (init.body as string | undefined) ?? '',
        headers: init.headers as Record<string, string>,
      };
      asked.push(request);
      const outcome = answer(request);
      if (outcome instanceof Error) throw outcome;
      return outcome;
    }) as typeof fetch,
  });
  return { control, asked };
}

test('a call goes to its path with the token, and its answer comes back', async () => {
  const { control, asked } = serverThat(() => Response.json({ executions: [], nextCursor: 'c2' }));
  await expect(control.listExecutions({ status: 'paused', limit: 5 })).resolves.toEqual({
    executions: [],
    cursor: 'c2',
  });
  expect(asked[0]).toMatchObject({
    method: 'GET',
    url: 'https://dr.example.com/executions?status=paused&limit=5',
    headers: { authorization: 'Bearer bwt_a_b' },
  });
});

test('who started is what the server finds out, not what the caller says', async () => {
  const { control, asked } = serverThat(() => Response.json({ executionId: 'exec-1', joined: false }));
  await control.startExecution({
    plan: { waves: [] } as never,
    mode: 'drill',
    initiatedBy: 'root',
    idempotencyKey: 'k1',
  });
  expect(asked[0]!.body).toBe('{"plan":{"waves":[]},"mode":"drill"}');
  expect(asked[0]!.headers['idempotency-key']).toBe('k1');
});

test('a problem comes back as the error that it was, with findings and request id', async () => {
  const problem = { code: 'GateNotOpen', detail: 'no gate', requestId: 'r1', findings: [{ path: 'x' }] };
  const { control } = serverThat(() => Response.json(problem, { status: 409 }));
  await expect(control.pause({ executionId: 'exec-1', by: 'me' })).rejects.toMatchObject({
    code: 'GateNotOpen',
    message: 'no gate',
    details: { requestId: 'r1', findings: [{ path: 'x' }] },
  });
});

test('a server that is not there, or that is something else, is ServerUnreachable', async () => {
  const gone = serverThat(() => new TypeError('fetch failed'));
  await expect(gone.control.getExecution({ executionId: 'e' })).rejects.toMatchObject({
    code: 'ServerUnreachable',
  });
  const proxy = serverThat(() => new Response('<html>Bad gateway</html>', { status: 502 }));
  await expect(proxy.control.getExecution({ executionId: 'e' })).rejects.toMatchObject({
    code: 'ServerUnreachable',
    message: 'https://dr.example.com/ answers, but is no Breakwater',
  });
});
