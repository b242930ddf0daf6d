import { ADMIN, identityFor } from '#api/identity/testing.ts';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

test('a token is shown once, works, and is kept as the hash of its secret', async () => {
  const { tokens, store, trail } = identityFor();
  const { token, tokenId, expiresAt } = await tokens.create({ name: 'ci', roles: ['Operator'] }, ADMIN);
  expect(expiresAt).toBe('2026-05-30T12:00:00.000Z');
  expect(await tokens.authenticate(token)).toEqual({
    id: `token:${tokenId}`,
    kind: 'token',
    name: 'ci',
    roles: ['Operator'],
  });
  const secret = token.split('_')[2]!;
  const { rows } = await store.query({ table: 'platform-records', partition: 'tokens' });
  expect(JSON.stringify([rows, trail, await tokens.list()])).not.toContain(secret);
  expect(JSON.stringify(await tokens.list())).not.toContain('secretHash');
  expect(trail.map(({ action, by }) => [action, by])).toEqual([['token.create', 'local:ada']]);
});

test('a wrong secret, an unknown id, an expired and a revoked token are all nobody', async () => {
  const { tokens, time, trail } = identityFor();
  const { token, tokenId } = await tokens.create({ name: 'a', roles: ['ReadOnly'], expiresInDays: 1 }, ADMIN);
  expect(await tokens.authenticate(`${token.slice(0, -1)}x`)).toBeNull();
  expect(await tokens.authenticate(token.replace(tokenId, 'other'))).toBeNull();
  expect(await tokens.authenticate('bwt_')).toBeNull();
  time.now += DAY_MS - 1;
  expect(await tokens.authenticate(token)).not.toBeNull();
  time.now += 1;
  expect(await tokens.authenticate(token)).toBeNull();
  const second = await tokens.create({ name: 'b', roles: ['ReadOnly'] }, ADMIN);
  await tokens.revoke(second.tokenId, { by: 'local:ada', requestId: 'req-1' });
  expect(await tokens.authenticate(second.token)).toBeNull();
  expect(trail.at(-1)).toMatchObject({ action: 'token.revoke', target: `token/${second.tokenId}` });
  await expect(tokens.revoke(second.tokenId, { by: 'local:ada' })).rejects.toMatchObject({
    code: 'NotFound',
  });
});

test('nobody gives a role with permissions that they lack, nor more than a year', async () => {
  const { tokens } = identityFor();
  const operator = { ...ADMIN, roles: ['Operator'] } as const;
  await expect(tokens.create({ name: 'x', roles: ['RecoveryManager'] }, operator)).rejects.toMatchObject({
    code: 'Forbidden',
  });
  await expect(tokens.create({ name: 'x', roles: ['ReadOnly'] }, operator)).resolves.toBeDefined();
  await expect(
    tokens.create({ name: 'x', roles: ['ReadOnly'], expiresInDays: 366 }, ADMIN),
  ).rejects.toMatchObject({ code: 'RequestInvalid' });
});

test('the last use is written at most once an hour', async () => {
  const { tokens, time } = identityFor();
  const { token } = await tokens.create({ name: 'ci', roles: ['ReadOnly'] }, ADMIN);
  const usedAt = async () => {
    await tokens.authenticate(token);
    return (await tokens.list()).tokens[0]!.lastUsedAt;
  };
  expect(await usedAt()).toBe('2026-03-01T12:00:00.000Z');
  time.now += HOUR_MS - 1;
  expect(await usedAt()).toBe('2026-03-01T12:00:00.000Z');
  time.now += 1;
  expect(await usedAt()).toBe('2026-03-01T13:00:00.000Z');
});

test('a use noted at the same moment does not keep anyone from revoking', async () => {
  const { tokens } = identityFor();
  const { token, tokenId } = await tokens.create({ name: 'ci', roles: ['ReadOnly'] }, ADMIN);
  await Promise.all([tokens.authenticate(token), tokens.revoke(tokenId, { by: 'local:ada' })]);
  expect(await tokens.authenticate(token)).toBeNull();
});

test('the first Admin token is given once, and not at all if there has been any token', async () => {
  const first = identityFor();
  const token = await first.tokens.ensureAdminToken();
  expect((await first.tokens.authenticate(token!))?.roles).toEqual(['Admin']);
  expect(await first.tokens.ensureAdminToken()).toBeNull();
  const other = identityFor();
  const { tokenId } = await other.tokens.create({ name: 'x', roles: ['ReadOnly'] }, ADMIN);
  await other.tokens.revoke(tokenId, { by: 'local:ada' });
  expect(await other.tokens.ensureAdminToken()).toBeNull();
});

test('hashes are compared by timingSafeEqual, never by ===', () => {
  const code = readFileSync(new URL('tokens.ts', import.meta.url), 'utf8');
  expect(code).toContain('timingSafeEqual(left, right)');
  expect(code).not.toMatch(/secretHash\s*[!=]==?/);
});
