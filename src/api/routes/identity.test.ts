import type { Role } from '#core/permissions.ts';
import { expect, test } from 'vitest';
import { createApp } from '../app.ts';
import { ADMIN, identityFor } from '../identity/testing.ts';
import { meRoutes } from './me.ts';
import { tokensRoutes } from './tokens.ts';

async function world(...roles: Role[]) {
  const { tokens, authenticator } = identityFor();
  const app = await createApp({
    routes: [...tokensRoutes(tokens), ...meRoutes('bw-1')],
    authenticator,
    checkAnswers: true,
    onError: (error) => expect.soft(error).toBeNull(),
  });
  const { token } = await tokens.create({ name: 'me', roles }, ADMIN);
  const ask = async (method: string, url: string, payload?: object, text = token) => {
    const headers = { authorization: `Bearer ${text}` };
    const answer = (await app.inject({ method, url, headers, payload } as never)) as unknown as {
      statusCode: number;
      headers: Record<string, string>;
      body: string;
    };
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: answer.body && JSON.parse(answer.body),
    };
  };
  return { ask };
}

test('a token is made, listed without its secret, used, and revoked', async () => {
  const { ask } = await world('Admin');
  const made = await ask('POST', '/tokens', { name: 'ci', roles: ['Operator'] });
  expect([made.status, made.headers['location']]).toEqual([201, `/tokens/${made.body.tokenId}`]);
  const { body } = await ask('GET', '/tokens');
  expect(body.tokens).toHaveLength(2);
  expect(JSON.stringify(body)).not.toContain(made.body.token.split('_')[2]);
  expect((await ask('GET', '/me', undefined, made.body.token)).body).toMatchObject({
    name: 'ci',
    roles: ['Operator'],
  });
  expect((await ask('DELETE', made.headers['location']!)).status).toBe(204);
  expect((await ask('GET', '/me', undefined, made.body.token)).status).toBe(401);
  expect((await ask('DELETE', made.headers['location']!)).status).toBe(404);
});

test('who is no Admin may see themselves, but no tokens', async () => {
  const { ask } = await world('Operator');
  expect((await ask('GET', '/me')).body.permissions).toContain('execution:start-drill');
  const statuses = [
    await ask('GET', '/tokens'),
    await ask('POST', '/tokens', { name: 'x', roles: ['ReadOnly'] }),
    await ask('DELETE', '/tokens/x'),
  ].map(({ status }) => status);
  expect(statuses).toEqual([403, 403, 403]);
});

test.each([
  { what: 'an unknown role', body: { name: 'x', roles: ['Root'] } },
  { what: 'more than a year', body: { name: 'x', roles: ['ReadOnly'], expiresInDays: 366 } },
  { what: 'an unknown member', body: { name: 'x', roles: ['ReadOnly'], secret: 'mine' } },
])('$what is refused', async ({ body }) => {
  const { ask } = await world('Admin');
  expect((await ask('POST', '/tokens', body)).status).toBe(400);
});

test('after ten failures the answer is 429 with Retry-After', async () => {
  const { ask } = await world('Admin');
  for (let i = 0; i < 10; i++) expect((await ask('GET', '/me', undefined, 'bad')).status).toBe(401);
  const { status, headers } = await ask('GET', '/me', undefined, 'bad');
  expect([status, headers['retry-after']]).toEqual([429, '1']);
});
