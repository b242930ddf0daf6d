import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { WireRequest } from './codec/wire.ts';
import type { Credential } from './credential.ts';

const UNSIGNED = 'UNSIGNED-PAYLOAD';

/**
 * Verifies a Signature Version 4 (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
 * The time of signing is not compared with any clock: simulated time is not the signer's time.
 */
export function isSignatureValid(
  request: WireRequest,
  credential: Credential,
  secretAccessKey: string,
): boolean {
  const { date, region, signingName, signature } = credential;
  const claimedHash = request.headers['x-amz-content-sha256'] ?? UNSIGNED;
  if (claimedHash !== UNSIGNED && claimedHash !== sha256(request.body)) return false;
  const scope = `${date}/${region}/${signingName}/aws4_request`;
  const signedAt = request.headers['x-amz-date'] ?? '';
  const canonical = sha256(canonicalRequest(request, credential));
  const text = `AWS4-HMAC-SHA256\n${signedAt}\n${scope}\n${canonical}`;
  const expected = hmac(signingKey(secretAccessKey, credential), text);
  const given = Buffer.from(signature, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function canonicalRequest(
  { method, path, query, headers, body }: WireRequest,
  { signedHeaders }: Credential,
): string {
  const lines = signedHeaders.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`);
  const payloadHash = headers['x-amz-content-sha256'] ?? sha256(body);
  return [
    method,
    canonicalPath(path),
    canonicalQuery(query),
    lines.join(''),
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
}

/** The path as sent is encoded once more. */
function canonicalPath(path: string): string {
  return path.split('/').map(encode).join('/') || '/';
}

function canonicalQuery(query: WireRequest['query']): string {
  return query
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

const keys = new Map<string, Buffer>();

/** Signing keys are the same all day: they are kept, up to a number. */
function signingKey(secret: string, { date, region, signingName }: Credential): Buffer {
  const name = `${secret}/${date}/${region}/${signingName}`;
  let key = keys.get(name);
  if (key === undefined) {
    key = [date, region, signingName, 'aws4_request'].reduce<Buffer>(hmac, Buffer.from(`AWS4${secret}`));
    if (keys.size > 1_000) keys.clear();
    keys.set(name, key);
  }
  return key;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}
