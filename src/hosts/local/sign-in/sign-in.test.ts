import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openUserPools } from '#aws/open-user-pools.ts';
import type { SignInQuestion } from '#cli/host.ts';
import { systemClock } from '#clocks/system.ts';
import { BreakwaterError } from '#core/errors.ts';
import { signedInToken, signIn, signOut, type PoolsIn } from './sign-in.ts';
import { srpServer } from './testing/srp-server.ts';

const API = 'https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/v1';
const PASSWORD = 'correct horse';
const POOL = 'eu-west-1_Ab12cd34E';
const HOUR = { IdToken: 'id-1', RefreshToken: 'refresh-1', AccessToken: 'access-1', ExpiresIn: 3_600 };

type Body = Record<string, unknown>;
type Step = readonly [operation: string, answer: object | ((body: Body) => object)];
const wrong = (name: string): object => ({ __type: name, message: `no, ${PASSWORD} and 123456 are wrong` });

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanups.splice(0)) clean();
});

/** A user pool that answers these steps, one after the other, over HTTP; and a person who gives these answers. */
async function world(steps: readonly Step[], answers: Partial<Record<SignInQuestion['kind'], string>> = {}) {
  const asked: { operation: string; body: Record<string, unknown>; signed: boolean }[] = [];
  const left = [...steps];
  const server = createServer((request, response) => void answerOne(request, response));
  async function answerOne(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const operation = String(request.headers['x-amz-target']).split('.')[1]!;
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Body;
    asked.push({ operation, body, signed: request.headers.authorization !== undefined });
    const [expected, given] = left.shift() ?? ['nothing more', wrong('InternalErrorException')];
    if (expected !== operation) throw new TypeError(`${operation} instead of ${expected}`);
    const answer = typeof given === 'function' ? (given(body) as object) : given;
    response.writeHead('__type' in answer ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(answer));
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const home = mkdtempSync(path.join(tmpdir(), 'breakwater-sign-in-'));
  cleanups.push(() => {
    server.close();
    server.closeAllConnections();
    rmSync(home, { recursive: true });
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const regions: string[] = [];
  const poolsIn: PoolsIn = (region) => {
    regions.push(region);
    return openUserPools({ clock: systemClock(), region, endpoint });
  };
  const environment = {
    XDG_CONFIG_HOME: home,
    BREAKWATER_USER_POOL_ID: POOL,
    BREAKWATER_USER_POOL_CLIENT_ID: 'client1',
  };
  const questions: SignInQuestion[] = [];
  const ask = async (question: SignInQuestion): Promise<string> => {
    questions.push(question);
    return { password: PASSWORD, ...answers }[question.kind]!;
  };
  const login = () => signIn({ server: { api: `${API}/` }, user: 'ana', ask }, environment, poolsIn);
  const folder = path.join(home, 'breakwater', 'sign-ins');
  const keptFile = (): string => path.join(folder, readdirSync(folder)[0]!);
  return { asked, regions, questions, environment, poolsIn, login, folder, keptFile };
}

/** The error, and all that could be shown of it. */
async function shownOf(attempt: Promise<unknown>): Promise<{ error: BreakwaterError; shown: string }> {
  const error = (await attempt.catch((thrown: unknown) => thrown)) as BreakwaterError;
  const shown = [error.message, error.stack, JSON.stringify(error.details), String(error.cause)].join();
  return { error, shown };
}

test('who signs in gets tokens, kept in a private file for this server; the id token is sent', async () => {
  const { login, asked, regions, environment, poolsIn, folder, keptFile } = await world([
    ['InitiateAuth', { AuthenticationResult: HOUR }],
  ]);
  expect(await login()).toEqual({ api: API, user: 'ana' });
  expect(asked).toEqual([
    {
      operation: 'InitiateAuth',
      body: {
        AuthFlow: 'USER_SRP_AUTH',
        ClientId: 'client1',
        AuthParameters: { USERNAME: 'ana', SRP_A: expect.stringMatching(/^[0-9a-f]{700,768}$/) as string },
      },
      signed: false,
    },
  ]);
  expect(regions).toEqual(['eu-west-1']);
  expect([statSync(folder).mode & 0o777, statSync(keptFile()).mode & 0o777]).toEqual([0o700, 0o600]);
  expect(readFileSync(keptFile(), 'utf8')).not.toContain(PASSWORD);
  expect(await signedInToken(API, environment, poolsIn)()).toBe('id-1');
});

/** A pool that keeps a verifier of a password, challenges with it, and believes who has proved the password. */
const poolOf = (password: string): Step[] => {
  const srp = srpServer({ poolName: 'Ab12cd34E', userId: 'u-1', password });
  return [
    [
      'InitiateAuth',
      ({ AuthParameters }) => ({
        ChallengeName: 'PASSWORD_VERIFIER',
        Session: 's-1',
        ChallengeParameters: srp.challenge((AuthParameters as { SRP_A: string }).SRP_A),
      }),
    ],
    [
      'RespondToAuthChallenge',
      ({ ChallengeResponses }) =>
        srp.believes(ChallengeResponses as Record<string, string>)
          ? { ChallengeName: 'SOFTWARE_TOKEN_MFA', Session: 's-2' }
          : wrong('NotAuthorizedException'),
    ],
    ['RespondToAuthChallenge', { AuthenticationResult: HOUR }],
  ];
};

test('a password is proved and never sent, and the name by which the pool knows the person stays', async () => {
  const { login, asked } = await world(poolOf(PASSWORD), { code: '123456' });
  expect(await login()).toEqual({ api: API, user: 'ana' });
  expect(JSON.stringify(asked)).not.toContain(PASSWORD);
  expect(asked.map(({ body }) => body['ChallengeName'])).toEqual([
    undefined,
    'PASSWORD_VERIFIER',
    'SOFTWARE_TOKEN_MFA',
  ]);
  expect(asked[2]!.body).toMatchObject({
    Session: 's-2',
    ChallengeResponses: { USERNAME: 'u-1', SOFTWARE_TOKEN_MFA_CODE: '123456' },
  });
});

test('another password proves nothing', async () => {
  const { login } = await world(poolOf('battery staple'));
  await expect(login()).rejects.toMatchObject({
    code: 'SignInFailed',
    message: expect.stringContaining('user or password is wrong'),
  });
});

test.each([{}, { SALT: '1', SRP_B: '0', SECRET_BLOCK: '' }])(
  'a pool whose challenge shows that it keeps no verifier hears nothing more: %j',
  async (parameters) => {
    const challenge = { ChallengeName: 'PASSWORD_VERIFIER', ChallengeParameters: parameters };
    const { login, asked } = await world([['InitiateAuth', challenge]]);
    await expect(login()).rejects.toMatchObject({
      code: 'SignInFailed',
      message: 'the user pool does not keep to the protocol of passwords',
    });
    expect(asked).toHaveLength(1);
  },
);

test.each([
  { kind: 'code', challenge: 'SOFTWARE_TOKEN_MFA', response: { SOFTWARE_TOKEN_MFA_CODE: '123456' } },
  { kind: 'code', challenge: 'SMS_MFA', response: { SMS_MFA_CODE: '123456' } },
  {
    kind: 'newPassword',
    challenge: 'NEW_PASSWORD_REQUIRED',
    response: { NEW_PASSWORD: 'battery staple' },
  },
] as const)('$challenge is answered by what the person types', async ({ kind, challenge, response }) => {
  const { login, asked } = await world(
    [
      [
        'InitiateAuth',
        { ChallengeName: challenge, Session: 's-1', ChallengeParameters: { USER_ID_FOR_SRP: 'u-1' } },
      ],
      ['RespondToAuthChallenge', { AuthenticationResult: HOUR }],
    ],
    { [kind]: kind === 'code' ? ' 123456\n' : 'battery staple' },
  );
  await login();
  expect(asked[1]!.body).toEqual({
    ClientId: 'client1',
    ChallengeName: challenge,
    Session: 's-1',
    ChallengeResponses: { USERNAME: 'u-1', ...response },
  });
});

test('a first sign-in may demand both a new password and an authenticator, one after the other', async () => {
  const { login, questions } = await world(
    [
      ['InitiateAuth', { ChallengeName: 'NEW_PASSWORD_REQUIRED', Session: 's-1' }],
      ['RespondToAuthChallenge', { ChallengeName: 'MFA_SETUP', Session: 's-2' }],
      ['AssociateSoftwareToken', { SecretCode: 'ABCD', Session: 's-3' }],
      ['VerifySoftwareToken', { Status: 'SUCCESS', Session: 's-4' }],
      ['RespondToAuthChallenge', { AuthenticationResult: HOUR }],
    ],
    { newPassword: 'battery staple', setUpCode: '123456' },
  );
  expect(await login()).toEqual({ api: API, user: 'ana' });
  expect(questions.map(({ kind }) => kind)).toEqual(['password', 'newPassword', 'setUpCode']);
});

test('MFA_SETUP tells the secret of an authenticator, takes its code, and goes on with the session that then counts', async () => {
  const { login, asked, questions } = await world(
    [
      ['InitiateAuth', { ChallengeName: 'MFA_SETUP', Session: 's-1' }],
      ['AssociateSoftwareToken', { SecretCode: 'ABCD', Session: 's-2' }],
      ['VerifySoftwareToken', { Status: 'SUCCESS', Session: 's-3' }],
      ['RespondToAuthChallenge', { AuthenticationResult: HOUR }],
    ],
    { setUpCode: '123456' },
  );
  await login();
  expect(questions.at(-1)).toEqual({
    kind: 'setUpCode',
    secret: 'ABCD',
    address: 'otpauth://totp/Breakwater%3Aana?secret=ABCD&issuer=Breakwater',
  });
  expect(asked.map(({ body }) => body['Session'])).toEqual([undefined, 's-1', 's-2', 's-3']);
  expect(asked[3]!.body).toMatchObject({
    ChallengeName: 'MFA_SETUP',
    ChallengeResponses: { USERNAME: 'ana' },
  });
});

test.each([
  { what: 'a wrong password', answer: wrong('NotAuthorizedException'), says: 'user or password is wrong' },
  {
    what: 'a flow that the app client does not allow',
    answer: wrong('InvalidParameterException'),
    says: 'its app client must allow ALLOW_USER_SRP_AUTH',
  },
  {
    what: 'an app client of another Region',
    answer: wrong('ResourceNotFoundException'),
    says: 'check --user-pool-client-id and --user-pool-id',
  },
  {
    what: 'what has no words here',
    answer: wrong('ForbiddenException'),
    says: 'refuses: ForbiddenException',
  },
  {
    what: 'a challenge that cannot be answered here',
    answer: { ChallengeName: 'DEVICE_SRP_AUTH', Session: 's' },
    says: 'asks for DEVICE_SRP_AUTH',
  },
  { what: 'tokens without an id token', answer: { AuthenticationResult: {} }, says: 'no id token' },
])(
  '$what is refused with what to do, keeps nothing, and shows nothing of what was typed',
  async ({ answer, says }) => {
    const { login, environment, poolsIn } = await world([['InitiateAuth', answer]]);
    const { error, shown } = await shownOf(login());
    expect(error).toMatchObject({ code: 'SignInFailed', message: expect.stringContaining(says) });
    expect(shown).not.toMatch(/correct horse|123456/);
    await expect(signedInToken(API, environment, poolsIn)()).rejects.toThrow('nobody is signed in');
  },
);

test('a token near its end is refreshed once for all requests of the moment, and the new one is kept', async () => {
  const { login, asked, environment, poolsIn } = await world([
    ['InitiateAuth', { AuthenticationResult: { ...HOUR, ExpiresIn: 60 } }],
    ['InitiateAuth', { AuthenticationResult: { IdToken: 'id-2', ExpiresIn: 3_600 } }],
  ]);
  await login();
  const token = signedInToken(API, environment, poolsIn);
  expect(await Promise.all([token(), token(), token()])).toEqual(['id-2', 'id-2', 'id-2']);
  expect(asked[1]!.body).toEqual({
    AuthFlow: 'REFRESH_TOKEN_AUTH',
    ClientId: 'client1',
    AuthParameters: { REFRESH_TOKEN: 'refresh-1' },
  });
  expect(await signedInToken(API, environment, poolsIn)()).toBe('id-2');
  expect(asked).toHaveLength(2);
});

test('a refresh that is refused says that the sign-in has ended, without the token', async () => {
  const { login, environment, poolsIn } = await world([
    ['InitiateAuth', { AuthenticationResult: { ...HOUR, ExpiresIn: 60 } }],
    ['InitiateAuth', wrong('NotAuthorizedException')],
  ]);
  await login();
  const { error, shown } = await shownOf(signedInToken(API, environment, poolsIn)());
  expect(error).toMatchObject({ code: 'SignInFailed', message: `the sign-in for ${API} has ended` });
  expect(shown).not.toContain('refresh-1');
});

const unreachable = async (): Promise<never> => {
  throw new BreakwaterError('AwsUnreachable', 'no answer');
};

test.each([
  { what: 'used while it is good', seconds: 60, gives: 'id-1' },
  { what: 'not used when it has ended', seconds: -1, gives: 'AwsUnreachable' },
])('a token that cannot be refreshed now is $what', async ({ seconds, gives }) => {
  const { login, environment } = await world([
    ['InitiateAuth', { AuthenticationResult: { ...HOUR, ExpiresIn: seconds } }],
  ]);
  await login();
  let asked = 0;
  const down = (() => ({ initiateAuth: () => (asked++, unreachable()) })) as unknown as PoolsIn;
  const token = signedInToken(API, environment, down);
  const outcome = await token().catch((error: BreakwaterError) => error.code);
  expect(outcome).toBe(gives);
  // While it is good, the pool is not asked again with each request.
  await token().catch(() => {});
  expect(asked).toBe(gives === 'id-1' ? 1 : 2);
});

test('the tokens of one server are not sent to another', async () => {
  const { login, environment, poolsIn } = await world([['InitiateAuth', { AuthenticationResult: HOUR }]]);
  await login();
  await expect(signedInToken('https://evil.example.com', environment, poolsIn)()).rejects.toMatchObject({
    code: 'SignInFailed',
    message: 'nobody is signed in for https://evil.example.com',
  });
});

test('logging out revokes the refresh token and forgets it', async () => {
  const { login, asked, environment, poolsIn, folder } = await world([
    ['InitiateAuth', { AuthenticationResult: HOUR }],
    ['RevokeToken', {}],
  ]);
  await login();
  expect(await signOut({ api: API }, environment, poolsIn)).toEqual({ api: API, user: 'ana' });
  expect(asked[1]!.body).toEqual({ ClientId: 'client1', Token: 'refresh-1' });
  expect(readdirSync(folder)).toEqual([]);
  await expect(signOut({ api: API }, environment, poolsIn)).rejects.toMatchObject({ code: 'SignInFailed' });
});

test('logging out forgets the tokens also when the user pool cannot be told, and says that they still count', async () => {
  const { login, environment, folder } = await world([['InitiateAuth', { AuthenticationResult: HOUR }]]);
  await login();
  const down = (() => ({ revokeToken: unreachable })) as unknown as PoolsIn;
  await expect(signOut({ api: API }, environment, down)).rejects.toMatchObject({
    code: 'SignInFailed',
    message: expect.stringContaining(
      'good until they expire, or an administrator of the user pool ends them',
    ),
  });
  expect(readdirSync(folder)).toEqual([]);
});

test('a file that others can read is not used, and can be logged out of', async () => {
  const { login, environment, poolsIn, folder, keptFile } = await world([
    ['InitiateAuth', { AuthenticationResult: HOUR }],
  ]);
  await login();
  chmodSync(keptFile(), 0o644);
  await expect(signedInToken(API, environment, poolsIn)()).rejects.toThrow('could be read by others');
  await expect(signOut({ api: API }, environment, poolsIn)).rejects.toThrow('could be read by others');
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  { what: 'a server', server: {}, environment: {}, says: 'Needs --api or BREAKWATER_URL' },
  { what: 'an app client', server: { api: API }, environment: {}, says: 'give --user-pool-client-id' },
  {
    what: 'a user pool',
    server: { api: API },
    environment: { BREAKWATER_USER_POOL_CLIENT_ID: 'c' },
    says: 'give --user-pool-id, or set BREAKWATER_USER_POOL_ID',
  },
  {
    what: 'an id of a user pool that is one',
    server: { api: API },
    environment: { BREAKWATER_USER_POOL_CLIENT_ID: 'c', BREAKWATER_USER_POOL_ID: 'evil.example/_x' },
    says: '"evil.example/_x" is no id of a user pool',
  },
  {
    what: 'TLS',
    server: { api: 'http://dr.example.com' },
    environment: {},
    says: 'tokens would travel to http://dr.example.com in the clear',
  },
])('without $what nothing is asked', async ({ server, environment, says }) => {
  const ask = async (): Promise<string> => expect.fail('asked');
  await expect(signIn({ server, user: 'ana', ask }, environment)).rejects.toThrow(says);
});
