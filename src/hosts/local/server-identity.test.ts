import { createApp } from '#api/app.ts';
import type { AskSts } from '#api/identity/iam-proof.ts';
import { identityFor } from '#api/identity/testing.ts';
import { meRoutes } from '#api/routes/me.ts';
import { IdentitySettings } from '#control/identity-settings.ts';
import { expect, test } from 'vitest';
import { askStsOf } from '../ask-sts.ts';
import { askServer } from './server-access.ts';
import { serverIdentity } from './server-identity.ts';

const ARN = 'arn:aws:iam::111111111111:user/eve';
const IAM = { BREAKWATER_AUTH: 'iam', BREAKWATER_SERVER_ID: 'bw-1', AWS_REGION: 'eu-west-1' };
const credentialsIn = () => async () => ({ accessKeyId: 'AKIAX', secretAccessKey: 'hush-hush' });

/** A server with the id `bw-1`, and a command line with this environment that asks it. */
async function world(
  environment: Record<string, string>,
  { askSts, hosts = [] }: { askSts?: AskSts; hosts?: string[] } = {},
) {
  const asked: string[] = [];
  const fakeSts: AskSts = async ({ url }) => {
    asked.push(url);
    return { arn: ARN };
  };
  const settings = IdentitySettings.parse({ iam: { mappings: [{ arn: ARN, roles: ['Operator'] }], hosts } });
  const { authenticator, time, tokens } = identityFor({ settings, askSts: askSts ?? fakeSts });
  time.now = Date.now();
  const app = await createApp({ routes: meRoutes('bw-1'), authenticator, onError: () => {} });
  const ask = askServer({
    url: 'http://breakwater',
    ...serverIdentity('http://breakwater', environment, credentialsIn),
    fetch: (async (place: URL, { headers }: RequestInit) => {
      const answer = await app.inject({ url: place.pathname, headers: headers as Record<string, string> });
      return new Response(answer.body, { status: answer.statusCode });
    }) as typeof fetch,
  });
  return { me: () => ask<{ id: string; roles: string[] }>('GET', '/me'), asked, tokens };
}

test('by IAM: each request is signed anew with the AWS credentials, for the server that is named', async () => {
  const { me, asked } = await world(IAM);
  const answers = await Promise.all([me(), me(), me()]);
  expect(answers.map(({ id, roles }) => [id, roles])).toEqual(
    Array.from({ length: 3 }, () => [ARN, ['Operator']]),
  );
  expect(new Set(asked)).toEqual(new Set(['https://sts.eu-west-1.amazonaws.com/']));
});

test('by IAM: another STS is taken from the environment as the AWS CLI takes it', async () => {
  const elsewhere = { ...IAM, AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' };
  const { me, asked } = await world(elsewhere, { hosts: ['127.0.0.1:4566'] });
  await me();
  expect(asked).toEqual(['http://127.0.0.1:4566/']);
});

test('by IAM: a server that simulates AWS says that it refuses all proofs', async () => {
  const simulated = {
    aws: { services: {}, region: 'eu-west-1', accounts: async () => null, requestHandler: {} as never },
  };
  const { me } = await world(IAM, { askSts: askStsOf(simulated, fetch) });
  await expect(me()).rejects.toMatchObject({
    code: 'Unauthenticated',
    message: expect.stringContaining('simulates AWS in its own process and refuses all IAM proofs'),
  });
});

test('by IAM: a refusal says what to look at', async () => {
  const { me, asked } = await world({ ...IAM, BREAKWATER_SERVER_ID: 'bw-2' });
  await expect(me()).rejects.toMatchObject({
    code: 'Unauthenticated',
    message: expect.stringMatching(
      /^what was presented proves no identity; it was a proof by IAM: BREAKWATER_SERVER_ID must be/,
    ),
  });
  expect(asked).toEqual([]);
});

test.each([
  {
    what: 'a way that there is not',
    environment: { BREAKWATER_AUTH: 'saml' },
    says: 'expected token, iam or cognito',
  },
  {
    what: 'IAM without the id of the server',
    environment: { BREAKWATER_AUTH: 'iam' },
    says: 'GET /me has it',
  },
])('$what is refused before anything is sent', ({ environment, says }) => {
  expect(() => serverIdentity('http://breakwater', environment, credentialsIn)).toThrow(says);
});

test('by a token, which is the default; without one the refusal says what to set', async () => {
  const { me } = await world({});
  await expect(me()).rejects.toMatchObject({
    message: 'no identity was presented; set BREAKWATER_TOKEN, or choose --auth iam or --auth cognito',
  });
  const environment = { BREAKWATER_TOKEN: 'bwt_a_b', BREAKWATER_AUTH: 'token' };
  const { identity } = serverIdentity('http://breakwater', environment);
  const request = { method: 'GET', url: new URL('http://breakwater/me'), body: '' };
  expect(await identity(request)).toEqual({ authorization: 'Bearer bwt_a_b' });
});
