import { createHash, createHmac } from 'node:crypto';
import type { AwsCredentials } from './service-spec.ts';

export interface SignParams {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
  /** Such as `execute-api`: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html */
  readonly service: string;
  readonly region: string;
  readonly credentials: AwsCredentials;
  /** More that is signed; names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Real time, ms since 1970. */
  readonly now: number;
}

/**
 * The headers that sign a request to an API of one's own behind API Gateway (services of AWS are called by `createAws`). Signature
 * version 4: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signRequest(params: SignParams): Record<string, string> {
  const { method, url, body, service, region, credentials, now } = params;
  const date = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const headers = sorted({
    ...params.headers,
    host: url.host,
    'x-amz-date': date,
    ...(credentials.sessionToken === undefined ? {} : { 'x-amz-security-token': credentials.sessionToken }),
  });
  const names = Object.keys(headers).join(';');
  const canonical = [
    method,
    // Every service but S3 signs the encoded path encoded once more.
    url.pathname.split('/').map(encode).join('/'),
    canonicalQuery(url),
    ...Object.entries(headers).map(([name, value]) => `${name}:${value}`),
    '',
    names,
    sha256(body),
  ].join('\n');
  const scope = `${date.slice(0, 8)}/${region}/${service}/aws4_request`;
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${credentials.secretAccessKey}`);
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonical)}`).toString('hex');
  const { host: _, ...sent } = headers;
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

function sorted(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function canonicalQuery({ searchParams }: URL): string {
  return [...searchParams]
    .map(([key, value]) => `${encode(key)}=${encode(value)}`)
    .sort()
    .join('&');
}

/** As RFC 3986 has it: `encodeURIComponent` leaves five characters that have to be encoded. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
