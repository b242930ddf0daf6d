import { hasCode, messageOf } from '#core/errors.ts';
import type { IdentitySettings } from '#control/identity-settings.ts';
import type { Principal } from '#core/permissions.ts';
import { z } from 'zod';
import { principalOfArn } from './iam-principal.ts';
import { refused, unreachable } from './refused.ts';

/** What the caller signed, as they would send it to STS: `x-breakwater-iam-proof` is its JSON in base64url. */
export const IamProof = z.strictObject({
  /** `https://sts.<region>.amazonaws.com/`. */
  url: z.url({ protocol: /^https?$/ }),
  headers: z.record(z.string(), z.string().max(4_096)),
  body: z.string().max(256),
});
export type IamProof = z.infer<typeof IamProof>;

/** Sends a proof to STS and answers who signed it. Throws `Unauthenticated` when STS refuses, anything else when it cannot be asked. */
export type AskSts = (proof: IamProof) => Promise<{ readonly arn: string }>;

export interface IamParams {
  /** Of this server; a proof names it in the signed header `x-breakwater-server`, so that it is good nowhere else. */
  readonly serverId: string;
  readonly askSts: AskSts;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const MOST_PROOF_CHARS = 16_384;
const VALID_MS = 5 * 60_000;
const STS_HOST = /^sts(\.[a-z]{2}(-[a-z]+)+-\d)?\.amazonaws\.com(\.cn)?$/;
const BODY = 'Action=GetCallerIdentity&Version=2011-06-15';
const MUST_SIGN = ['host', 'x-amz-date', 'x-breakwater-server'];
/** What signers of GetCallerIdentity send. Anything else could make STS answer something else than we read. */
const MAY_SIGN = new Set([
  ...MUST_SIGN,
  'content-type',
  'content-length',
  'x-amz-content-sha256',
  'x-amz-security-token',
  'amz-sdk-invocation-id',
  'amz-sdk-request',
]);

/** Who presents a proof. Throws what is wrong with it, for the evidence; the caller is not told. */
export type IamVerifier = (header: string) => Promise<Principal>;

/** Signatures of proofs that were accepted or are being asked about, with the moment from which each is too old anyway. */
export type SeenProofs = Map<string, number>;

/**
 * Identity by IAM alone, for when the identity provider is down: the caller signs a GetCallerIdentity request and does not
 * send it; the server does, and STS answers who signed. Bound to this server, good for five minutes, and once.
 * `seen` outlives changed settings; what was signed before `since`, the start of the server, may have been seen before.
 */
export function iamVerifier(
  { mappings, hosts }: NonNullable<IdentitySettings['iam']>,
  { serverId, askSts, now }: IamParams,
  { seen, since }: { readonly seen: SeenProofs; readonly since: number },
): IamVerifier {
  return async (header) => {
    const { signature, signedAt, request } = checkProof(readProof(header), { serverId, hosts });
    if (!(Math.abs(now() - signedAt) <= VALID_MS))
      throw refused('the proof is older than five minutes, or from the future');
    if (signedAt < Math.floor(since / 1_000) * 1_000)
      throw refused('the proof was signed before this server started');
    for (const [old, until] of seen) if (until < now()) seen.delete(old);
    if (seen.has(signature)) throw refused('the proof has been presented before');
    seen.set(signature, signedAt + VALID_MS);
    try {
      const { arn } = await askSts(request).catch((error: unknown) => {
        throw hasCode(error, 'Unauthenticated')
          ? error
          : unreachable(`STS cannot be asked: ${messageOf(error)}`);
      });
      return principalOfArn(arn, mappings);
    } catch (error) {
      seen.delete(signature);
      throw error;
    }
  };
}

function readProof(header: string): IamProof {
  if (header.length > MOST_PROOF_CHARS) throw refused('the proof is too long');
  try {
    return IamProof.parse(JSON.parse(Buffer.from(header, 'base64url').toString('utf8')));
  } catch {
    // The parser's message would quote what was presented.
    throw refused('the proof is not the base64url of JSON with url, headers and body');
  }
}

/** Answers what of the proof goes to STS. The signature itself is for STS to judge. */
function checkProof(
  { url, headers, body }: IamProof,
  { serverId, hosts }: { serverId: string; hosts: readonly string[] },
): { signature: string; signedAt: number; request: IamProof } {
  const host = checkPlace(url, body, hosts);
  const lower = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  if (lower.size !== Object.keys(headers).length) throw refused('the proof has a header twice');
  if (lower.get('host') !== host) throw refused('the proof was signed for another host');
  const authorization =
    /^AWS4-HMAC-SHA256 Credential=[^\s,]+, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/.exec(
      lower.get('authorization') ?? '',
    );
  if (authorization === null) throw refused('the proof has no SigV4 signature');
  const signed = authorization[1]!.split(';');
  const missing = MUST_SIGN.filter((name) => !signed.includes(name));
  if (missing.length > 0) throw refused(`the proof does not sign ${missing.join(', ')}`);
  const odd = signed.filter((name) => !MAY_SIGN.has(name));
  if (odd.length > 0) throw refused(`the proof signs ${odd.join(', ')}, which no GetCallerIdentity needs`);
  if (lower.get('x-breakwater-server') !== serverId) throw refused('the proof is for another server');
  const sent = [...lower].filter(([name]) => name === 'authorization' || signed.includes(name));
  return {
    signature: authorization[2]!,
    signedAt: readAmzDate(lower.get('x-amz-date') ?? ''),
    request: { url, headers: Object.fromEntries(sent), body },
  };
}

function checkPlace(url: string, body: string, hosts: readonly string[]): string {
  const { host, protocol } = new URL(url);
  if (!hosts.includes(host) && !(STS_HOST.test(host) && protocol === 'https:'))
    throw refused(`the proof is for ${protocol}//${host}, which is no STS endpoint`);
  if (![`${protocol}//${host}/`, `${protocol}//${host}`].includes(url) || body !== BODY)
    throw refused('the proof is for another request than GetCallerIdentity');
  return host;
}

function readAmzDate(text: string): number {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  return y === undefined ? NaN : Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
}
