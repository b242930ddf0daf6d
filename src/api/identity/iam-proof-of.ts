import { createHash, createHmac, randomUUID } from 'node:crypto';

export interface ProofParams {
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
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

/**
 * What a client sends in `x-breakwater-iam-proof`: a signed GetCallerIdentity request, good once, for one server, for five minutes.
 * Signed as https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html says.
 */
export function iamProofOf(params: ProofParams): string {
  const { credentials, region, serverId, now, protocol = 'https' } = params;
  const host = params.host ?? `sts.${region}.amazonaws.com`;
  const date = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
  const headers: Record<string, string> = {
    // Two of the same second would have the same signature, and the second one be taken for a replay.
    'amz-sdk-invocation-id': randomUUID(),
    'content-type': 'application/x-www-form-urlencoded',
    host,
    'x-amz-date': date,
    ...(credentials.sessionToken === undefined ? {} : { 'x-amz-security-token': credentials.sessionToken }),
    'x-breakwater-server': serverId,
  };
  const names = Object.keys(headers);
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join('');
  const canonical = ['POST', '/', '', lines, names.join(';'), sha256(BODY)].join('\n');
  const scope = `${date.slice(0, 8)}/${region}/sts/aws4_request`;
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${credentials.secretAccessKey}`);
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonical)}`).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  const proof = { url: `${protocol}://${host}/`, headers: { ...headers, authorization }, body: BODY };
  return Buffer.from(JSON.stringify(proof)).toString('base64url');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
