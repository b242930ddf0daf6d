import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AuditRecord } from '#core/audit-chain.ts';
import { ADMIN } from '#api/identity/testing.ts';
import { createTokens } from '#control/tokens.ts';
import { performDirectly } from './direct.ts';
import { answerGateway } from './gateway.ts';
import type { LambdaApi } from './open-api.ts';
import { gatewayEvent } from './testing/gateway-events.ts';
import { lambdaApi } from './testing/lambda-world.ts';
import { BreakwaterError } from '#core/errors.ts';
import { memoryStore } from '#store/memory-store.ts';

type Request = Parameters<typeof gatewayEvent>[0];

const POOL = 'eu-central-1_Ab12';
const ISSUER = `https://cognito-idp.eu-central-1.amazonaws.com/${POOL}`;
const COGNITO = { AUTH_MODE: 'cognito', USER_POOL_ID: POOL, USER_POOL_CLIENT_IDS: 'web, cli' };
const ROLE = 'arn:aws:iam::111122223333:role/dr-operators';
const SESSION = 'arn:aws:sts::111122223333:assumed-role/dr-operators/ana';

let keys: Awaited<ReturnType<typeof generateKeyPair>>;
let jwks: object;
beforeAll(async () => {
  keys = await generateKeyPair('RS256');
  jwks = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'RS256' }] };
});

let api: LambdaApi;
let keysAsked: string[];
const open = (environment: Record<string, string>) =>
  lambdaApi({
    environment,
    fetch: (async (url: string) => {
      keysAsked.push(url);
      return Response.json(jwks);
    }) as unknown as typeof fetch,
  });
beforeEach(() => void (keysAsked = []));

async function ask(request: Request) {
  const { statusCode, multiValueHeaders, body, isBase64Encoded } = await answerGateway(
    api,
    gatewayEvent(request),
  );
  expect(isBase64Encoded).toBe(false);
  const [type = ''] = multiValueHeaders['content-type'] ?? [];
  // oxlint-disable-next-line typescript/no-explicit-any -- a test says what it expects of an answer
  const read: any = type.includes('json') ? JSON.parse(body) : body;
  return { status: statusCode, headers: multiValueHeaders, body: read };
}

const trail = async (): Promise<AuditRecord[]> =>
  (await api.platform.audit.list({})).records.map(({ record }) => record);

function tokenOf(groups: string[], claims: Record<string, unknown> = {}): Promise<string> {
  return new SignJWT({
    token_use: 'access',
    client_id: 'cli',
    username: 'ana',
    'cognito:groups': groups,
    ...claims,
  })
    .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
    .setIssuer(ISSUER)
    .setSubject('sub-1')
    .setExpirationTime('1h')
    .sign(keys.privateKey);
}
const bearer = async (...groups: string[]) => ({ Authorization: [`Bearer ${await tokenOf(groups)}`] });
const json = { 'Content-Type': ['application/json'] };
const group = { groupId: 'db', tags: { Tier: 'db' } };

test('who proves nothing hears that the records cannot be read, and nothing of what AWS has said', async () => {
  const store = memoryStore();
  api = await lambdaApi({ store, environment: COGNITO });
  const denied = `${SESSION} is not authorized to perform dynamodb:Query on table/executions`;
  vi.spyOn(store, 'query').mockRejectedValue(new BreakwaterError('AwsAccessDenied', denied));
  const lines: string[] = [];
  const log = vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  const { status, body } = await ask({ path: '/ready' });
  log.mockRestore();
  expect([status, body.code]).toEqual([503, 'NotReady']);
  expect(JSON.stringify(body)).not.toMatch(/arn:|dynamodb|records/);
  expect(lines.join('')).toContain(denied);
});

describe('with a user pool', () => {
  beforeEach(async () => void (api = await open(COGNITO)));

  test('a fresh deployment needs no settings: a group that bears the name of a role has it', async () => {
    const { status, body } = await ask({ path: '/me', headers: await bearer('Operator', 'others') });
    expect([status, body.id, body.name, body.roles]).toEqual([
      200,
      `oidc:${ISSUER}#sub-1`,
      'ana',
      ['Operator'],
    ]);
    expect(keysAsked).toEqual([`${ISSUER}/.well-known/jwks.json`]);
  });

  test('what the settings say of the user pool counts before the environment', async () => {
    const roles = { 'dr-admins': ['Admin'] };
    const settings = { identity: { cognito: { userPoolId: POOL, clientIds: ['cli'], roles } } };
    const put = { operation: 'putSettings', ifMatch: 0, body: settings };
    expect(await performDirectly(api, { name: 'break-glass', role: 'Admin' }, put)).toMatchObject({
      status: 200,
    });
    const me = async (name: string) => (await ask({ path: '/me', headers: await bearer(name) })).body.roles;
    expect([await me('dr-admins'), await me('Admin')]).toEqual([['Admin'], []]);
  });

  test.each([
    {
      name: 'a token of a client that is not of the deployment',
      token: () => tokenOf(['Admin'], { client_id: 'other' }),
    },
    { name: 'no token', token: async () => 'x.y.z' },
  ])('$name is refused, and why is in the audit trail', async ({ token }) => {
    const { status, body } = await ask({
      path: '/me',
      headers: { authorization: [`Bearer ${await token()}`] },
    });
    expect([status, body.code]).toEqual([401, 'Unauthenticated']);
    expect(await trail()).toMatchObject([
      { action: 'auth.failed', by: 'anonymous', target: 'address/192.0.2.7' },
    ]);
  });

  test('two tokens in one request are none, not even under names that are written differently', async () => {
    const [admin, reader] = [await tokenOf(['Admin']), await tokenOf(['ReadOnly'])];
    const headers = { Authorization: [`Bearer ${reader}`], authorization: [`Bearer ${admin}`] };
    expect((await ask({ path: '/me', headers })).status).toBe(401);
  });

  test('two tokens in one request are none', async () => {
    const { Authorization } = await bearer('Admin');
    const both = [...Authorization, 'Bearer x.y.z'];
    expect((await ask({ path: '/me', headers: { Authorization: both } })).status).toBe(401);
  });

  test('a local token counts, should API Gateway ever let one through', async () => {
    const { token } = await createTokens(api.platform.deps).create(
      { name: 'ci', roles: ['Operator'] },
      ADMIN,
    );
    const { body } = await ask({ path: '/me', headers: { authorization: [`Bearer ${token}`] } });
    expect(body.name).toBe('ci');
  });

  test('a caller that API Gateway vouches for has no role without a token', async () => {
    expect((await ask({ path: '/me', userArn: SESSION })).status).toBe(401);
  });

  test('a missing permission is refused, and is in the audit trail with the address that API Gateway saw', async () => {
    const spoofed = { ...(await bearer('ReadOnly')), 'X-Forwarded-For': ['198.51.100.1'], ...json };
    const answer = await ask({
      method: 'POST',
      path: '/protection-groups',
      headers: spoofed,
      body: JSON.stringify(group),
    });
    expect([answer.status, answer.body.code]).toEqual([403, 'Forbidden']);
    expect(await trail()).toMatchObject([{ action: 'auth.forbidden', data: { address: '192.0.2.7' } }]);
  });
});

describe('with IAM', () => {
  const mapped = async (...roles: string[]) => {
    api = await open({ AUTH_MODE: 'iam' });
    const body = { identity: { iam: { mappings: [{ arn: ROLE, roles }] } } };
    await performDirectly(
      api,
      { name: 'break-glass', role: 'Admin' },
      { operation: 'putSettings', ifMatch: 0, body },
    );
  };

  test('a session of a role is the role, with what the settings map it to', async () => {
    await mapped('Operator');
    const { status, body } = await ask({ path: '/me', userArn: SESSION });
    expect([status, body.id, body.name, body.roles]).toEqual([200, ROLE, 'dr-operators/ana', ['Operator']]);
  });

  test.each([
    {
      userArn: 'arn:aws:sts::111122223333:assumed-role/dr-others/ana',
      why: 'arn:aws:iam::111122223333:role/dr-others is mapped to no role',
    },
    { userArn: 'arn:aws:iam::111122223333:root', why: 'arn:aws:iam::111122223333:root is mapped to no role' },
  ])(
    'whoever no mapping names is refused, and why is in the audit trail: $userArn',
    async ({ userArn, why }) => {
      await mapped('Operator');
      const { status, body } = await ask({ path: '/me', userArn });
      expect([status, body.detail]).toEqual([401, 'what was presented proves no identity']);
      expect((await trail()).at(-1)).toMatchObject({
        action: 'auth.failed',
        data: { why, address: '192.0.2.7' },
      });
    },
  );

  test('nobody has a role before somebody has mapped it by break-glass', async () => {
    api = await open({ AUTH_MODE: 'iam' });
    expect((await ask({ path: '/me', userArn: SESSION })).status).toBe(401);
    expect(await trail()).toMatchObject([
      { data: { why: `identity by IAM is not configured: ${SESSION} has no role` } },
    ]);
  });

  test('no header can claim to be somebody: not one of ours, not a token, not a proof', async () => {
    await mapped('Admin');
    const { token } = await createTokens(api.platform.deps).create({ name: 'ci', roles: ['Admin'] }, ADMIN);
    const claims = {
      arn: [SESSION],
      'x-amzn-user-arn': [SESSION],
      'x-breakwater-arn': [SESSION],
      'x-breakwater-principal': ['{"id":"invoke:break-glass","roles":["Admin"]}'],
      'x-breakwater-iam-proof': ['e30'],
      Authorization: [`Bearer ${token}`],
    };
    expect((await ask({ path: '/me', headers: claims })).status).toBe(401);
    const other = 'arn:aws:iam::111122223333:user/mallory';
    expect((await ask({ path: '/me', headers: claims, userArn: other })).status).toBe(401);
  });

  test('requests that are under way at once are each who they are', async () => {
    await mapped('Operator');
    const event = (userArn?: string) => ask({ path: '/me', ...(userArn && { userArn }) });
    const asked = [SESSION, undefined, `${SESSION}-2`, undefined, SESSION];
    const answers = await Promise.all(asked.map(event));
    expect(answers.map(({ status, body }) => [status, body.name])).toEqual([
      [200, 'dr-operators/ana'],
      [401, undefined],
      [200, 'dr-operators/ana-2'],
      [401, undefined],
      [200, 'dr-operators/ana'],
    ]);
  });
});

describe('a request', () => {
  const as = { userArn: SESSION };
  beforeEach(async () => {
    api = await open({ AUTH_MODE: 'iam' });
    const body = { identity: { iam: { mappings: [{ arn: ROLE, roles: ['Admin'] }] } } };
    await performDirectly(
      api,
      { name: 'break-glass', role: 'Admin' },
      { operation: 'putSettings', ifMatch: 0, body },
    );
  });
  const make = (groupId: string) =>
    ask({
      ...as,
      method: 'POST',
      path: '/protection-groups',
      headers: json,
      body: JSON.stringify({ ...group, groupId }),
    });

  test('may have its body in base64, with letters of all kinds', async () => {
    const body = Buffer.from(JSON.stringify({ ...group, name: 'Größe 数据' })).toString('base64');
    const made = await ask({
      ...as,
      method: 'POST',
      path: '/protection-groups',
      headers: json,
      body,
      base64: true,
    });
    expect([made.status, made.body.name]).toEqual([201, 'Größe 数据']);
    expect(made.headers['location']).toEqual(['/protection-groups/db']);
  });

  test('has its query with values as they are, its ETag as any has, and a path that stays encoded', async () => {
    await make('db');
    await make('a:b');
    const page = await ask({ ...as, path: '/protection-groups', query: { limit: ['1'] } });
    const next = { limit: ['1'], cursor: [page.body.nextCursor as string] };
    expect(
      (await ask({ ...as, path: '/protection-groups', query: next })).body.protectionGroups,
    ).toHaveLength(1);
    const read = await ask({ ...as, path: '/protection-groups/a%3Ab' });
    expect([read.body.groupId, read.headers['etag']]).toEqual(['a:b', ['"1"']]);
    const twice = await ask({ ...as, path: '/protection-groups', query: { limit: ['1', '2'] } });
    expect(twice.status).toBe(400);
    const stale = { ...json, 'If-Match': ['"7"'] };
    const put = {
      ...as,
      method: 'PUT',
      path: '/protection-groups/db',
      headers: stale,
      body: JSON.stringify(group),
    };
    expect((await ask(put)).status).toBe(412);
  });

  test('has the id that its client gives, or that of API Gateway', async () => {
    const id = async (headers?: Request['headers']) =>
      (await ask({ path: '/health', ...(headers && { headers }) })).headers['x-request-id'];
    expect([await id(), await id({ 'X-Request-Id': ['mine-1'] })]).toEqual([
      ['gateway-request-id'],
      ['mine-1'],
    ]);
  });

  test('keeps nothing of its connection, and its answer neither', async () => {
    const connection = { Host: ['evil'], 'Content-Length': ['1'], 'Transfer-Encoding': ['chunked'], ...json };
    const answer = await ask({
      ...as,
      method: 'POST',
      path: '/protection-groups',
      headers: connection,
      body: JSON.stringify(group),
    });
    expect(answer.status).toBe(201);
    expect(answer.headers).not.toHaveProperty('content-length');
    expect(answer.headers).not.toHaveProperty('connection');
  });

  test('of a path that was decoded does not become a query', async () => {
    expect((await ask({ ...as, path: '/protection-groups/a?limit=1' })).body.detail).toContain('a?limit=1');
  });

  test('of a method that a path does not take says which it does', async () => {
    const { status, headers } = await ask({ ...as, method: 'PATCH', path: '/protection-groups' });
    expect([status, headers['allow']]).toEqual([405, ['GET, POST']]);
  });

  test('has the description, and no page for it', async () => {
    expect((await ask({ path: '/openapi.json' })).body.openapi).toBe('3.1.0');
    expect((await ask({ path: '/docs' })).status).toBe(404);
  });
});

test('what API Gateway has not sent is refused', async () => {
  api = await open(COGNITO);
  await expect(answerGateway(api, { operation: 'getMe' })).rejects.toMatchObject({
    name: 'RequestInvalid',
    message: expect.stringContaining('this is no event of an API Gateway REST API: httpMethod'),
  });
});

test('without AUTH_MODE nobody is believed, and the error says what is missing', async () => {
  api = await open({});
  await expect(ask({ path: '/me' })).rejects.toMatchObject({ code: 'HostIncomplete' });
  await expect(open({ AUTH_MODE: 'none' })).rejects.toMatchObject({ code: 'HostIncomplete' });
});
