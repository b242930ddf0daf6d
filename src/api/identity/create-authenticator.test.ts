import { expect, test } from 'vitest';
import { ADMIN, identityFor, REFUSED } from './testing.ts';

const wrong = (tokenId: string, n = 0) => `bwt_${tokenId}_${`${n}`.padStart(43, 'w')}`;

async function failTimes(times: number, fail: (n: number) => Promise<unknown>) {
  for (let n = 0; n < times; n++) await expect(fail(n)).rejects.toMatchObject(REFUSED);
}

test('every failure looks the same, and is in the trail with its reason but without the secret', async () => {
  const { bearer, login, trail } = identityFor();
  await expect(bearer(wrong('t1'))).rejects.toMatchObject(REFUSED);
  await expect(bearer('hush.hush.hush')).rejects.toMatchObject(REFUSED);
  await expect(login({ authorization: 'Basic aHVzaA==' })).rejects.toMatchObject(REFUSED);
  expect(trail.map(({ action }) => action)).toEqual(Array.from({ length: 3 }, () => 'auth.failed'));
  expect(JSON.stringify(trail)).not.toMatch(/wwww|hush|aHVzaA/);
});

test('two identities at once are a bad request, and no failed login', async () => {
  const { login, trail } = identityFor();
  await expect(login({ authorization: 'Bearer x', 'x-breakwater-iam-proof': 'y' })).rejects.toMatchObject({
    code: 'RequestInvalid',
  });
  expect(trail).toEqual([]);
});

test('to present nothing is no failed login', async () => {
  const { login, trail } = identityFor();
  await expect(login({})).rejects.toMatchObject({ message: 'no identity was presented' });
  expect(trail).toEqual([]);
});

test('after ten failures an address waits, twice as long each time; other addresses do not', async () => {
  const { bearer, tokens, time } = identityFor();
  const { token } = await tokens.create({ name: 'ci', roles: ['ReadOnly'] }, ADMIN);
  await failTimes(10, (n) => bearer(wrong(`x${n}`)));
  const braked = (seconds: number) => ({ code: 'TooManyRequests', details: { retryAfterSeconds: seconds } });
  await expect(bearer(token)).rejects.toMatchObject(braked(1));
  await expect(bearer(token, '192.0.2.2')).resolves.toBeDefined();
  time.now += 1_000;
  await failTimes(1, () => bearer(wrong('x')));
  await expect(bearer(wrong('x'))).rejects.toMatchObject(braked(2));
  time.now += 2_000;
  await failTimes(1, () => bearer(wrong('x')));
  await expect(bearer(wrong('x'))).rejects.toMatchObject(braked(4));
});

test('a token id is slowed down over all addresses; a token that has worked before is not held up', async () => {
  const { bearer, tokens } = identityFor();
  const { token, tokenId } = await tokens.create({ name: 'ci', roles: ['ReadOnly'] }, ADMIN);
  await bearer(token, '198.51.100.1');
  await failTimes(10, (n) => bearer(wrong(tokenId, n), `192.0.2.${n}`));
  await expect(bearer(wrong(tokenId), '203.0.113.1')).rejects.toMatchObject({ code: 'TooManyRequests' });
  await expect(bearer(token, '203.0.113.1')).resolves.toBeDefined();
  await tokens.revoke(tokenId, { by: 'local:ada' });
  await expect(bearer(token, '203.0.113.1')).rejects.toMatchObject(REFUSED);
});

test('addresses of one IPv6 network are slowed down together', async () => {
  const { bearer } = identityFor();
  await failTimes(10, (n) => bearer(wrong(`x${n}`), `2001:db8::${n}`));
  await expect(bearer(wrong('y'), '2001:db8:0:0:1::1')).rejects.toMatchObject({ code: 'TooManyRequests' });
  await expect(bearer(wrong('y'), '2001:db8:1::1')).rejects.toMatchObject(REFUSED);
});
