import { expect, test } from 'vitest';
import { httpEvidence } from './http-evidence.ts';

function serverThat(answer: () => Response) {
  const asked: string[] = [];
  const evidence = httpEvidence({
    url: 'https://dr.example.com',
    identity: async () => ({ authorization: 'Bearer t' }),
    fetch: (async (url: URL, { method }: RequestInit) => {
      asked.push(`${method} ${url.pathname}${url.search}`);
      return answer();
    }) as typeof fetch,
  });
  return { evidence, asked };
}

test('the trail, its verdict and a bundle are asked of the server, with what is filtered by', async () => {
  const { evidence, asked } = serverThat(() => Response.json({ ok: true, records: 2, head: 'h' }));
  await evidence.list({ by: 'oidc:https://id#u 1', action: 'aws.call', limit: 5, cursor: 'c' });
  expect(await evidence.verify()).toEqual({ ok: true, records: 2, head: 'h' });
  await evidence.bundle('exec-1/..', { by: 'me' });
  expect(asked).toEqual([
    'GET /audit?by=oidc%3Ahttps%3A%2F%2Fid%23u%201&action=aws.call&limit=5&cursor=c',
    'POST /audit/verify',
    'GET /executions/exec-1%2F../evidence',
  ]);
});

test('who may not see the trail there hears so', async () => {
  const problem = { code: 'Forbidden', detail: 'ci has not the permission audit:read; roles: Operator' };
  const { evidence } = serverThat(() => Response.json(problem, { status: 403 }));
  await expect(evidence.verify()).rejects.toMatchObject({ code: 'Forbidden', message: problem.detail });
});
