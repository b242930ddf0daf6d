import { iamProofOf } from '#aws/iam-proof-of.ts';
import { ownCredentials } from '#aws/own-credentials.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { ServerAccess } from './server-access.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Identity = Pick<ServerAccess, 'identity' | 'hint'>;

/**
 * How this command line proves to the server of `BREAKWATER_URL` who asks: by `BREAKWATER_TOKEN`, or, with `BREAKWATER_AUTH=iam`, by its
 * AWS credentials. The id of the server is never asked of the server: one that lied could use the proof at the one that it named.
 */
export function serverIdentity(
  environment: Environment,
  credentialsIn: typeof ownCredentials = ownCredentials,
): Identity {
  const how = environment['BREAKWATER_AUTH'] || 'token';
  if (how === 'token') return byToken(environment['BREAKWATER_TOKEN']);
  if (how === 'iam') return byIam(environment, credentialsIn);
  throw new BreakwaterError(
    'UsageInvalid',
    `BREAKWATER_AUTH is ${JSON.stringify(how)}; expected token or iam`,
  );
}

function byToken(token: string | undefined): Identity {
  return token
    ? { identity: async () => ({ authorization: `Bearer ${token}` }) }
    : { identity: async () => ({}), hint: 'set BREAKWATER_TOKEN, or BREAKWATER_AUTH=iam' };
}

function byIam(environment: Environment, credentialsIn: typeof ownCredentials): Identity {
  const serverId = environment['BREAKWATER_SERVER_ID'];
  if (!serverId)
    throw new BreakwaterError(
      'UsageInvalid',
      'BREAKWATER_AUTH=iam needs BREAKWATER_SERVER_ID, the id of that server: `serve` prints it when it starts, and GET /me has it',
    );
  const region = environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'] || 'us-east-1';
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
