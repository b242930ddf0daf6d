import { IdentitySettings } from '#control/identity-settings.ts';
import {
  base64url,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  SignJWT,
  UnsecuredJWT,
  type JWTPayload,
} from 'jose';
import { expect, test } from 'vitest';
import { identityFor, NOON, REFUSED } from './testing.ts';

const ISSUER = 'https://id.example.com';
const POOL = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12';
const SECONDS = NOON / 1_000;
const SETTINGS = IdentitySettings.parse({
  oidc: { issuer: ISSUER, audience: 'breakwater', groupsClaim: 'realm.groups', roles: { sre: ['Operator'] } },
  cognito: { userPoolId: 'eu-west-1_Ab12', clientIds: ['client-1'] },
});
const pairs = await Promise.all(
  ['k1', 'k2'].map(async (kid) => ({ kid, ...(await generateKeyPair('RS256')) })),
);

async function world() {
  const published = { kids: ['k1'], isDown: false, namedIssuer: ISSUER, asked: [] as string[] };
  const answer = async (url: unknown) => {
    published.asked.push(String(url));
    if (published.isDown) throw new TypeError('down');
    if (String(url).includes('openid-configuration'))
      return Response.json({ issuer: published.namedIssuer, jwks_uri: `${ISSUER}/keys` });
    const known = pairs.filter(({ kid }) => published.kids.includes(kid));
    return Response.json({
      keys: await Promise.all(
        known.map(async ({ kid, publicKey }) => ({ ...(await exportJWK(publicKey)), kid, alg: 'RS256' })),
      ),
    });
  };
  return { published, ...identityFor({ settings: SETTINGS, fetch: answer }) };
}

const GOOD = {
  iss: ISSUER,
  aud: 'breakwater',
  sub: 'u1',
  exp: SECONDS + 300,
  realm: { groups: ['sre', 'x'] },
};

function sign(claims: JWTPayload, pair = 0): Promise<string> {
  const { kid, privateKey } = pairs[pair]!;
  return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey);
}

test('a token of the issuer has the roles of its groups', async () => {
  const { bearer } = await world();
  expect(await bearer(await sign(GOOD))).toEqual({
    id: 'oidc:https://id.example.com#u1',
    kind: 'oidc',
    name: 'u1',
    roles: ['Operator'],
  });
});

test.each([
  { what: 'expired for more than a minute', claims: { exp: SECONDS - 61 } },
  { what: 'not valid for more than a minute yet', claims: { nbf: SECONDS + 61 } },
  { what: 'for another audience', claims: { aud: 'other' } },
  { what: 'of another issuer', claims: { iss: 'https://evil.example.com' } },
  { what: 'without an end', claims: { exp: undefined } },
  { what: 'without a subject', claims: { sub: undefined } },
])('a token $what is refused', async ({ claims }) => {
  const { bearer } = await world();
  await expect(bearer(await sign({ ...GOOD, ...claims } as JWTPayload))).rejects.toMatchObject(REFUSED);
});

test('clocks may differ by a minute', async () => {
  const { bearer } = await world();
  await expect(bearer(await sign({ ...GOOD, exp: SECONDS - 59, nbf: SECONDS + 60 }))).resolves.toBeDefined();
});

test('`alg: none`, and HS256 with the public key as the secret, are refused', async () => {
  const { bearer } = await world();
  await expect(bearer(new UnsecuredJWT(GOOD).encode())).rejects.toMatchObject(REFUSED);
  const { publicKey } = pairs[0]!;
  const texts = [await exportSPKI(publicKey), JSON.stringify(await exportJWK(publicKey))];
  for (const text of texts) {
    const secret = new TextEncoder().encode(text);
    const forged = await new SignJWT(GOOD).setProtectedHeader({ alg: 'HS256', kid: 'k1' }).sign(secret);
    await expect(bearer(forged)).rejects.toMatchObject(REFUSED);
  }
});

test('a changed payload is refused', async () => {
  const { bearer } = await world();
  const [head, , signature] = (await sign(GOOD)).split('.');
  const payload = base64url.encode(JSON.stringify({ ...GOOD, sub: 'root' }));
  await expect(bearer(`${head}.${payload}.${signature}`)).rejects.toMatchObject(REFUSED);
});

test('a new key is fetched when a token names it, at most every 30 s; an old one ends within ten minutes', async () => {
  const { bearer, published, time } = await world();
  await bearer(await sign(GOOD));
  published.kids = ['k2'];
  await expect(bearer(await sign(GOOD, 1))).rejects.toMatchObject(REFUSED);
  expect(published.asked).toHaveLength(2);
  await expect(bearer(await sign(GOOD))).resolves.toBeDefined();
  time.now += 30_000;
  await expect(bearer(await sign(GOOD, 1))).resolves.toBeDefined();
  await expect(bearer(await sign(GOOD))).rejects.toMatchObject(REFUSED);
});

test('an issuer that is down refuses everyone, but slows down nobody, and is told in the trail once a minute', async () => {
  const { bearer, published, trail } = await world();
  published.isDown = true;
  for (let i = 0; i < 20; i++) await expect(bearer(await sign(GOOD))).rejects.toMatchObject(REFUSED);
  expect(trail).toHaveLength(1);
  published.isDown = false;
  await expect(bearer(await sign(GOOD))).resolves.toBeDefined();
});

test('keys that are known count for ten minutes while the issuer is down, and then nobody is let in on old ones', async () => {
  const { bearer, published, time } = await world();
  await bearer(await sign(GOOD));
  published.isDown = true;
  time.now += 599_999;
  const later = { ...GOOD, exp: SECONDS + 3_600 };
  await expect(bearer(await sign(later))).resolves.toBeDefined();
  time.now += 1;
  await expect(bearer(await sign(later))).rejects.toMatchObject(REFUSED);
  published.isDown = false;
  await expect(bearer(await sign(later))).resolves.toBeDefined();
});

test('a key that nobody has published is refused, and tokens that name ever new ones ask the issuer at most every 30 s', async () => {
  const { bearer, published, time } = await world();
  await bearer(await sign(GOOD));
  const { privateKey } = pairs[1]!;
  const unknown = (kid: string) =>
    new SignJWT(GOOD).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey);
  for (let i = 0; i < 5; i++)
    await expect(bearer(await unknown(`x${i}`), `192.0.2.${i}`)).rejects.toMatchObject(REFUSED);
  expect(published.asked).toHaveLength(2);
  time.now += 30_000;
  for (let i = 5; i < 9; i++)
    await expect(bearer(await unknown(`x${i}`), `192.0.2.${i}`)).rejects.toMatchObject(REFUSED);
  // The discovery document and the keys, twice.
  expect(published.asked).toHaveLength(4);
});

test('a token signed by another key under the name of a known one is refused', async () => {
  const { bearer } = await world();
  const forged = await new SignJWT(GOOD)
    .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
    .sign(pairs[1]!.privateKey);
  await expect(bearer(forged)).rejects.toMatchObject(REFUSED);
});

test('a key that the token itself brings along is not believed', async () => {
  const { bearer } = await world();
  const { privateKey, publicKey } = pairs[1]!;
  const jwk = await exportJWK(publicKey);
  for (const own of [{ jwk }, { jku: 'https://evil.example.com/keys' }])
    await expect(
      bearer(await new SignJWT(GOOD).setProtectedHeader({ alg: 'RS256', ...own }).sign(privateKey)),
    ).rejects.toMatchObject(REFUSED);
});

test('a token of one configured issuer is refused under the name of another', async () => {
  const { bearer } = await world();
  const atPool = { ...GOOD, iss: `${POOL}x`, token_use: 'access', client_id: 'client-1' };
  await expect(bearer(await sign(atPool))).rejects.toMatchObject(REFUSED);
});

test('a discovery document that names another issuer is not believed', async () => {
  const { bearer, published } = await world();
  published.namedIssuer = 'https://evil.example.com';
  await expect(bearer(await sign(GOOD))).rejects.toMatchObject(REFUSED);
});

test.each([
  { use: { token_use: 'access', client_id: 'client-1', username: 'maria' } },
  { use: { token_use: 'id', aud: 'client-1', 'cognito:username': 'maria' } },
])('Cognito: by either token one is the same, under the same name', async ({ use }) => {
  const { bearer } = await world();
  const token = await sign({ iss: POOL, sub: 'u', exp: SECONDS + 9, ...use });
  expect(await bearer(token)).toMatchObject({ id: `oidc:${POOL}#u`, name: 'maria' });
});

test.each([
  { what: 'an access token of the client', claims: { token_use: 'access', client_id: 'client-1' }, ok: true },
  { what: 'an id token of the client', claims: { token_use: 'id', aud: 'client-1' }, ok: true },
  { what: 'an access token of another client', claims: { token_use: 'access', client_id: 'x' }, ok: false },
  {
    what: 'an access token with the client in `aud` only',
    claims: { token_use: 'access', aud: 'client-1' },
    ok: false,
  },
  { what: 'a token of another use', claims: { token_use: 'refresh', aud: 'client-1' }, ok: false },
])('Cognito: $what is taken: $ok', async ({ claims, ok }) => {
  const { bearer } = await world();
  const token = await sign({ iss: POOL, sub: 'u', exp: SECONDS + 9, 'cognito:groups': ['Admin'], ...claims });
  if (ok) expect((await bearer(token)).roles).toEqual(['Admin']);
  else await expect(bearer(token)).rejects.toMatchObject(REFUSED);
});
