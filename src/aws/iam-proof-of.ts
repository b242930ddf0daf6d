import { randomUUID } from 'node:crypto';
import type { AwsCredentials } from './service-spec.ts';
import { signRequest } from './sign-request.ts';

export interface ProofParams {
  readonly credentials: AwsCredentials;
  readonly region: string;
  /** Of the server that the proof is for. */
  readonly serverId: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Default: `sts.<region>.amazonaws.com`. */
  readonly host?: string;
  /** `http` for a simulated AWS. */
  readonly protocol?: 'https' | 'http';
}

const BODY = 'Action=GetCallerIdentity&Version=2011-06-15';

/** What a client sends in `x-breakwater-iam-proof`: a signed GetCallerIdentity request, good once, for one server, for five minutes. */
export async function iamProofOf(params: ProofParams): Promise<string> {
  const { credentials, region, serverId, now, host, protocol } = params;
  const url = new URL(`${protocol ?? 'https'}://${host ?? `sts.${region}.amazonaws.com`}/`);
  const headers = {
    // Two of the same second would have the same signature, and the second one be taken for a replay.
    'amz-sdk-invocation-id': randomUUID(),
    'content-type': 'application/x-www-form-urlencoded',
    'x-breakwater-server': serverId,
  };
  const request = { method: 'POST', url, body: BODY, service: 'sts', region, credentials, headers, now };
  const proof = {
    url: url.href,
    headers: { ...headers, host: url.host, ...(await signRequest(request)) },
    body: BODY,
  };
  return Buffer.from(JSON.stringify(proof)).toString('base64url');
}
