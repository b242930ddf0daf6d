import { iamProofOf } from '#aws/iam-proof-of.ts';
import { ownCredentials } from '#aws/own-credentials.ts';
import { signRequest } from '#aws/sign-request.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { Environment } from './open-in.ts';
import type { ServerAccess } from './server-access.ts';
import { gatewayRegion } from './gateway-region.ts';
import { signedInToken } from './sign-in/sign-in.ts';

type Identity = Pick<ServerAccess, 'identity' | 'hint'>;

/**
 * How this command line proves to the server at `url` who asks: by `BREAKWATER_TOKEN`, or, with `BREAKWATER_AUTH=iam`, by its AWS
 * credentials. A usage plan's key (`BREAKWATER_API_KEY`) goes along; it proves nothing.
 */
export function serverIdentity(
  url: string,
  environment: Environment,
  credentialsIn: typeof ownCredentials = ownCredentials,
): Identity {
  const { identity, ...rest } = identityBy(url, environment, credentialsIn);
  const key = environment['BREAKWATER_API_KEY'];
  if (!key) return { identity, ...rest };
  return { ...rest, identity: async (request) => ({ ...(await identity(request)), 'x-api-key': key }) };
}

function identityBy(url: string, environment: Environment, credentialsIn: typeof ownCredentials): Identity {
  const how = environment['BREAKWATER_AUTH'] || 'token';
  if (how === 'token') return byToken(environment['BREAKWATER_TOKEN']);
  if (how === 'cognito') return bySignIn(url, environment);
  if (how === 'iam') return byIam(url, environment, credentialsIn);
  throw new BreakwaterError(
    'UsageInvalid',
    `BREAKWATER_AUTH is ${JSON.stringify(how)}; expected token, iam or cognito`,
  );
}

function byToken(token: string | undefined): Identity {
  return token
    ? {
        identity: async () => ({ authorization: `Bearer ${token}` }),
        hint: 'it was BREAKWATER_TOKEN: see that this server has made it, and that it has not expired; Breakwater on AWS takes --auth cognito or --auth iam',
      }
    : { identity: async () => ({}), hint: 'set BREAKWATER_TOKEN, or choose --auth iam or --auth cognito' };
}

function bySignIn(url: string, environment: Environment): Identity {
  const token = signedInToken(url, environment);
  return {
    identity: async () => ({ authorization: `Bearer ${await token()}` }),
    hint: `it was the sign-in of \`breakwater login\`: sign in anew, and see that the server takes tokens of that user pool and app client`,
  };
}

/**
 * API Gateway is told by its host name, and checks a signature itself. A server of Breakwater has an id, which the proof for it names;
 * the id is never asked of the server: one that lied could use the proof at the one that it named. What has neither such a name nor an
 * id is API Gateway behind a name of one's own.
 */
function byIam(url: string, environment: Environment, credentialsIn: typeof ownCredentials): Identity {
  const ownRegion = environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'];
  const gateway = gatewayRegion(url);
  const serverId = environment['BREAKWATER_SERVER_ID'];
  if (gateway === null && serverId)
    return byProof({ region: ownRegion || 'us-east-1', serverId, environment, credentialsIn });
  const region = gateway ?? ownRegion;
  if (region) return bySignature(region, credentialsIn);
  throw new BreakwaterError(
    'UsageInvalid',
    '--auth iam needs BREAKWATER_SERVER_ID, the id of that server (`serve` prints it when it starts, and GET /me has it); or, for ' +
      'API Gateway behind a name of your own, AWS_REGION, the Region that it is in',
  );
}

function bySignature(region: string, credentialsIn: typeof ownCredentials): Identity {
  const credentials = credentialsIn({ region });
  return {
    identity: async ({ method, url, body }) =>
      signRequest({
        method,
        url,
        body,
        service: 'execute-api',
        region,
        credentials: await credentials(),
        now: Date.now(),
      }),
    hint:
      `it was signed for API Gateway in ${region}: your role or user needs execute-api:Invoke there, and a clock that is right; ` +
      'for a `breakwater serve` set BREAKWATER_SERVER_ID instead',
  };
}

interface ProofParams {
  readonly region: string;
  readonly serverId: string;
  readonly environment: Environment;
  readonly credentialsIn: typeof ownCredentials;
}

function byProof({ region, serverId, environment, credentialsIn }: ProofParams): Identity {
  const endpoint = environment['AWS_ENDPOINT_URL_STS'] || environment['AWS_ENDPOINT_URL'];
  const credentials = credentialsIn({ region });
  return {
    // Each request has a proof of its own: one is good once.
    identity: async () => ({
      'x-breakwater-iam-proof': await iamProofOf({
        credentials: await credentials(),
        region,
        serverId,
        now: Date.now(),
        ...(endpoint ? placeOf(endpoint) : {}),
      }),
    }),
    hint: `it was a proof by IAM: BREAKWATER_SERVER_ID must be the id of that server, and its settings must map your role or user; why it was refused stands in its audit trail (auth.failed)`,
  };
}

function placeOf(endpoint: string): { host: string; protocol: 'http' | 'https' } {
  const { host, protocol } = new URL(endpoint);
  return { host, protocol: protocol === 'http:' ? 'http' : 'https' };
}
