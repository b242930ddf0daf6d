import { openUserPools } from '#aws/open-user-pools.ts';
import type { UserPoolCalls } from '#aws/services/cognito.ts';
import type { ServerChoice, SignedIn, SignInParams } from '#cli/host.ts';
import { systemClock } from '#clocks/system.ts';
import { isLoopback } from '#control/outgoing-address.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { Environment } from '../open-in.ts';
import { serverUrl } from '../server-url.ts';
import { answerChallenges } from './answer-challenges.ts';
import { explainRefusal, isRefusal } from './explain-refusal.ts';
import { keptSignIns, type KeptSignIn } from './kept-sign-ins.ts';
import { srpClient, type PasswordChallenge } from './srp.ts';

export type PoolsIn = (region: string) => UserPoolCalls;

/** Before the end of an id token, for requests that are on their way. */
const REFRESH_BEFORE_MS = 2 * 60_000;
/** After a refresh that came to nothing, as long as the token at hand is good. */
const TRY_AGAIN_MS = 30_000;

/** The user pools of AWS, or of what `AWS_ENDPOINT_URL` names. */
export const userPoolsIn: PoolsIn = (region) => openUserPools({ clock: systemClock(), region });

/** Signs somebody in for a server, and keeps it. Throws `SignInFailed`, or `UsageInvalid` for what is missing. */
export async function signIn(
  { server, poolId: givenPool, clientId: givenClient, user, ask }: SignInParams,
  environment: Environment,
  poolsIn: PoolsIn = userPoolsIn,
): Promise<SignedIn> {
  const api = serverOf(server, environment);
  const clientId = givenClient ?? environment['BREAKWATER_USER_POOL_CLIENT_ID'];
  const poolId = givenPool ?? environment['BREAKWATER_USER_POOL_ID'];
  if (!clientId) throw missing('the app client of the user pool', '--user-pool-client-id');
  if (!poolId) throw missing('the user pool', '--user-pool-id');
  const region = regionOf(poolId);
  const pool = poolsIn(region);
  try {
    const password = await ask({ kind: 'password' });
    const srp = srpClient(poolId);
    const begun = await pool.initiateAuth({
      AuthFlow: 'USER_SRP_AUTH',
      ClientId: clientId,
      AuthParameters: { USERNAME: user, SRP_A: srp.publicValue },
    });
    const prove = (challenge: PasswordChallenge) => srp.prove(challenge, password, new Date());
    const tokens = await answerChallenges(pool, begun, { user, clientId, prove, ask });
    const { IdToken: idToken, RefreshToken: refreshToken, ExpiresIn = 0 } = tokens;
    if (idToken === undefined || refreshToken === undefined)
      throw new BreakwaterError('SignInFailed', 'the user pool gives no id token, or no refresh token');
    const expiresAt = Date.now() + ExpiresIn * 1_000;
    await keptSignIns(environment).put({ api, user, clientId, region, idToken, refreshToken, expiresAt });
    return { api, user };
  } catch (error) {
    throw explainRefusal(error);
  }
}

/** Forgets the sign-in for a server whatever happens, and revokes its tokens if the user pool can be reached. */
export async function signOut(
  server: ServerChoice,
  environment: Environment,
  poolsIn: PoolsIn = userPoolsIn,
): Promise<SignedIn> {
  const api = serverOf(server, environment);
  const kept = keptSignIns(environment);
  const found = await kept.find(api).catch(async (error: unknown) => {
    await kept.remove(api);
    throw error;
  });
  if (found === null) throw new BreakwaterError('SignInFailed', `nobody is signed in for ${api}`);
  await kept.remove(api);
  const { region, clientId, refreshToken, user } = found;
  await poolsIn(region)
    .revokeToken({ ClientId: clientId, Token: refreshToken })
    .catch((error: unknown) => {
      // Its tokens have ended already.
      if (isRefusal(error)) return;
      throw new BreakwaterError(
        'SignInFailed',
        'forgotten on this machine, but the user pool could not be told: the tokens are good until they expire, or an administrator of the user pool ends them (AdminUserGlobalSignOut)',
        { cause: error },
      );
    });
  return { api, user };
}

/**
 * The id token of whoever is signed in for a server, refreshed when it nears its end. It is the id token, since that is the one that an
 * authorizer of API Gateway takes where a method names no scopes:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html
 */
export function signedInToken(
  api: string,
  environment: Environment,
  poolsIn: PoolsIn = userPoolsIn,
): () => Promise<string> {
  const kept = keptSignIns(environment);
  let current: Promise<KeptSignIn> | null = null;
  let notBefore = 0;
  const fresh = async (found: KeptSignIn | null): Promise<KeptSignIn> => {
    if (found === null) throw new BreakwaterError('SignInFailed', `nobody is signed in for ${api}`);
    const now = Date.now();
    const isGood = now < found.expiresAt - REFRESH_BEFORE_MS || (now < found.expiresAt && now < notBefore);
    return isGood ? found : refresh(found);
  };
  const refresh = async (old: KeptSignIn): Promise<KeptSignIn> => {
    const answer = await poolsIn(old.region)
      .initiateAuth({
        AuthFlow: 'REFRESH_TOKEN_AUTH',
        ClientId: old.clientId,
        AuthParameters: { REFRESH_TOKEN: old.refreshToken },
      })
      .catch((error: unknown) => refusedRefresh(error, old));
    if (answer === null) {
      notBefore = Date.now() + TRY_AGAIN_MS;
      return old;
    }
    const { IdToken: idToken, RefreshToken, ExpiresIn = 0 } = answer.AuthenticationResult ?? {};
    if (idToken === undefined) throw ended(api);
    const expiresAt = Date.now() + ExpiresIn * 1_000;
    const renewed = { ...old, idToken, refreshToken: RefreshToken ?? old.refreshToken, expiresAt };
    // Who has logged out meanwhile stays so. What cannot be kept is good for this process all the same.
    if ((await kept.find(api)) !== null) await kept.put(renewed).catch(() => {});
    return renewed;
  };
  return async () => {
    const before = current;
    const next: Promise<KeptSignIn> = before === null ? kept.find(api).then(fresh) : before.then(fresh);
    current = next;
    next.catch(() => {
      if (current === next) current = null;
    });
    return (await next).idToken;
  };
}

/** `null`: the token at hand is still good, and the user pool may be reached again before it ends. */
function refusedRefresh(error: unknown, { api, expiresAt }: KeptSignIn): null {
  if (isRefusal(error)) throw ended(api);
  if (Date.now() < expiresAt) return null;
  throw error;
}

function ended(api: string): BreakwaterError {
  return new BreakwaterError('SignInFailed', `the sign-in for ${api} has ended`);
}

function serverOf({ api }: ServerChoice, environment: Environment): string {
  const given = api ?? environment['BREAKWATER_URL'];
  if (!given) throw new BreakwaterError('UsageInvalid', 'which server? Needs --api or BREAKWATER_URL');
  const url = serverUrl(given);
  const { protocol, hostname } = new URL(url);
  if (protocol === 'http:' && !isLoopback(hostname))
    throw new BreakwaterError('UsageInvalid', `tokens would travel to ${url} in the clear: expected https`);
  return url;
}

/** The Region of a user pool stands before its name: `eu-west-1_Ab12`. */
function regionOf(poolId: string): string {
  const region = /^([a-z]{2,4}(?:-[a-z]+)+-\d)_[0-9A-Za-z]{1,55}$/.exec(poolId)?.[1];
  if (region !== undefined) return region;
  throw new BreakwaterError(
    'UsageInvalid',
    `${JSON.stringify(poolId)} is no id of a user pool, such as eu-west-1_Ab12cd34E`,
  );
}

function missing(what: string, option: string): BreakwaterError {
  const variable = `BREAKWATER_${option.slice(2).replaceAll('-', '_').toUpperCase()}`;
  return new BreakwaterError('UsageInvalid', `${what} is not known: give ${option}, or set ${variable}`);
}
