import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  CognitoIdentityProviderClient,
  CreateGroupCommand,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { oidcVerifiers } from '#api/identity/oidc.ts';
import { openUserPools } from '#aws/open-user-pools.ts';
import type { SignInQuestion } from '#cli/host.ts';
import { systemClock } from '#clocks/system.ts';
import { IdentitySettings } from '#control/identity-settings.ts';
import { signedInToken, signIn, type PoolsIn } from '#hosts/local/sign-in/sign-in.ts';
import { HAS_PYTHON } from '../support/python.ts';
import { REGION, startInterpreter, type Interpreter } from './support/interpreter.ts';

/**
 * A user pool that we did not write: the interpreter's server emulates Cognito as well. It takes the steps and believes every proof of a
 * password: whether proofs are right, `srp.test.ts` holds against the clients of AWS.
 */
describe.runIf(HAS_PYTHON)('signing in at an independent user pool', () => {
  const api = 'https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/v1';
  const home = mkdtempSync(path.join(tmpdir(), 'breakwater-sign-in-'));
  let server: Interpreter;
  let poolsIn: PoolsIn;
  let pool = { id: '', client: '' };

  beforeAll(async () => {
    server = await startInterpreter({ lambdaUrl: 'http://127.0.0.1:9' });
    poolsIn = (region) => openUserPools({ clock: systemClock(), region, endpoint: server.url });
    pool = await makePool(server.url);
  }, 90_000);
  afterAll(async () => {
    await server?.close();
    rmSync(home, { recursive: true });
  });

  const environment = () => ({
    XDG_CONFIG_HOME: home,
    BREAKWATER_USER_POOL_ID: pool.id,
    BREAKWATER_USER_POOL_CLIENT_ID: pool.client,
  });
  const login = (answers: Partial<Record<SignInQuestion['kind'], string>>) =>
    signIn(
      { server: { api }, user: 'ana', ask: async ({ kind }) => answers[kind] ?? expect.fail(kind) },
      environment(),
      poolsIn,
    );

  test('a first sign-in demands a new password; its token, and the one that it is renewed to, are of that person and their group', async () => {
    await login({ password: 'Temp-123456!', newPassword: 'New-123456!' });
    await login({ password: 'New-123456!' });
    const first = await signedInToken(api, environment(), poolsIn)();
    expire(home);
    const second = await signedInToken(api, environment(), poolsIn)();
    expect(second).not.toBe(first);
    const who = await Promise.all([first, second].map((token) => verify(token)));
    expect(who.map(({ name, roles }) => [name, roles])).toEqual([
      ['ana', ['Operator']],
      ['ana', ['Operator']],
    ]);
  });

  /** As the server verifies it. */
  async function verify(token: string) {
    const settings = IdentitySettings.parse({
      cognito: { userPoolId: pool.id, clientIds: [pool.client] },
    });
    const fromThere = (async (url: string) => fetch(`${server.url}${new URL(url).pathname}`)) as typeof fetch;
    const [verifier] = oidcVerifiers(settings, { fetch: fromThere, now: Date.now }).values();
    return verifier!(token);
  }
});

async function makePool(endpoint: string): Promise<{ id: string; client: string }> {
  const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' };
  const admin = new CognitoIdentityProviderClient({ region: REGION, endpoint, credentials });
  const { UserPool } = await admin.send(new CreateUserPoolCommand({ PoolName: 'breakwater' }));
  const UserPoolId = UserPool!.Id!;
  const { UserPoolClient } = await admin.send(
    new CreateUserPoolClientCommand({
      UserPoolId,
      ClientName: 'cli',
      ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
    }),
  );
  await admin.send(new CreateGroupCommand({ UserPoolId, GroupName: 'Operator' }));
  const user = { UserPoolId, Username: 'ana' };
  await admin.send(new AdminCreateUserCommand({ ...user, TemporaryPassword: 'Temp-123456!' }));
  await admin.send(new AdminAddUserToGroupCommand({ ...user, GroupName: 'Operator' }));
  admin.destroy();
  return { id: UserPoolId, client: UserPoolClient!.ClientId! };
}

/** Lets the kept token be at its end. */
function expire(home: string): void {
  const folder = path.join(home, 'breakwater', 'sign-ins');
  const file = path.join(folder, readdirSync(folder)[0]!);
  const kept = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, JSON.stringify({ ...kept, expiresAt: 0 }));
}
