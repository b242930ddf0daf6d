import type { AuditLog } from '#control/audit-log.ts';
import type { IdentitySettings } from '#control/identity-settings.ts';
import type { Tokens } from '#control/tokens.ts';
import { BreakwaterError, hasCode } from '#core/errors.ts';
import type { Principal } from '#core/permissions.ts';
import { decodeJwt, errors } from 'jose';
import { createHash } from 'node:crypto';
import type { Authenticator, Credentials } from './authenticator.ts';
import { failureBrake } from './failure-brake.ts';
import { iamVerifier, type IamParams, type IamVerifier, type SeenProofs } from './iam-proof.ts';
import { oidcVerifiers, type OidcParams, type OidcVerifier } from './oidc.ts';
import { refused } from './refused.ts';

export interface AuthenticatorParams {
  readonly tokens: Pick<Tokens, 'authenticate'>;
  /** As they are now, with a number that rises when they change. */
  readonly settings: () => Promise<{ readonly revision: number; readonly value: IdentitySettings }>;
  readonly oidc: OidcParams;
  readonly iam: IamParams;
  readonly audit: AuditLog;
}

interface Verifiers {
  readonly revision: number;
  readonly oidc: ReadonlyMap<string, OidcVerifier>;
  readonly iam: IamVerifier | null;
}

const MOST_GOOD = 10_000;
const OUTAGE_GRAIN_MS = 60_000;

/** Local tokens, OIDC tokens and IAM proofs. All that fails looks the same from outside; why is in the audit trail. */
export function createAuthenticator(params: AuthenticatorParams): Authenticator {
  const { now } = params.oidc;
  const brake = failureBrake(now);
  const identify = identifier(params);
  /** Hashes of credentials that have proved an identity: the failures of others do not hold these up. They are still verified. */
  const good = new Set<string>();
  let lastOutageAt = -Infinity;

  const note = async (why: BreakwaterError, { address, requestId }: Credentials, keys: readonly string[]) => {
    if (why.retry === 'retryable') {
      // Nobody's failure, and as many as there are callers: told once a minute.
      if (now() - lastOutageAt < OUTAGE_GRAIN_MS) return;
      lastOutageAt = now();
    } else brake.note(keys);
    await params.audit.append({
      action: 'auth.failed',
      by: 'anonymous',
      target: `address/${address}`,
      requestId,
      data: { why: why.message.slice(0, 500), address },
    });
  };

  return {
    async authenticate(credentials) {
      const presented = presentedIn(credentials.headers);
      if (presented === null) throw new BreakwaterError('Unauthenticated', 'no identity was presented');
      const print = createHash('sha256').update(presented).digest('hex');
      const keys = brakeKeys(presented, credentials.address);
      if (!good.has(print)) brake.refuseIfBraked(keys);
      try {
        const principal = await identify(credentials.headers);
        good.add(print);
        if (good.size > MOST_GOOD) good.delete(good.values().next().value!);
        return principal;
      } catch (error) {
        good.delete(print);
        const why = error instanceof errors.JOSEError ? refused(error.message) : error;
        if (!hasCode(why, 'Unauthenticated')) throw error;
        await note(why, credentials, keys);
        const isForAll = why.details['toAll'] === true;
        throw new BreakwaterError(
          'Unauthenticated',
          isForAll ? why.message : 'what was presented proves no identity',
        );
      }
    },
  };
}

/** Answers who presents the credentials. Throws why not. */
function identifier(params: AuthenticatorParams): (headers: Credentials['headers']) => Promise<Principal> {
  const memory = { seen: new Map() as SeenProofs, since: params.iam.now() };
  let verifiers: Verifiers = { revision: -1, oidc: new Map(), iam: null };
  const current = async (): Promise<Verifiers> => {
    const { revision, value } = await params.settings();
    if (revision !== verifiers.revision)
      verifiers = {
        revision,
        oidc: oidcVerifiers(value, params.oidc),
        iam: value.iam === undefined ? null : iamVerifier(value.iam, params.iam, memory),
      };
    return verifiers;
  };
  return async (headers) => {
    const { authorization, 'x-breakwater-iam-proof': proof } = headers;
    if (proof !== undefined && authorization !== undefined)
      throw new BreakwaterError('RequestInvalid', 'two identities were presented: one is enough');
    if (typeof proof === 'string') {
      const { iam } = await current();
      if (iam === null) throw refused('identity by IAM is not configured');
      return iam(proof);
    }
    const token = typeof authorization === 'string' && /^Bearer ([\x21-\x7e]+)$/i.exec(authorization)?.[1];
    if (!token) throw refused('what was presented is no bearer token');
    if (token.startsWith('bwt_')) {
      const principal = await params.tokens.authenticate(token);
      if (principal === null) throw refused('the local token is unknown, expired or revoked');
      return principal;
    }
    const { iss } = decodeJwt(token);
    const verify = (await current()).oidc.get(iss ?? '');
    if (verify === undefined) throw refused(`the issuer ${JSON.stringify(iss)} is not configured`);
    return verify(token);
  };
}

function presentedIn(headers: Credentials['headers']): string | null {
  const { authorization, 'x-breakwater-iam-proof': proof } = headers;
  return authorization === undefined && proof === undefined ? null : JSON.stringify([authorization, proof]);
}

/** Who is slowed down: the address (of IPv6 the network, which one owner has whole), and the id of a local token. */
function brakeKeys(presented: string, address: string): string[] {
  const tokenId = /Bearer bwt_([0-9A-Za-z-]{1,64})_/i.exec(presented)?.[1];
  return [`address/${networkOf(address)}`, ...(tokenId === undefined ? [] : [`token/${tokenId}`])];
}

function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [start = '', end] = address.split('::');
  const [left, right] = [start, end ?? ''].map((part) => part.split(':').filter(Boolean)) as [
    string[],
    string[],
  ];
  const zeros = end === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array.from({ length: zeros }, () => '0'), ...right].slice(0, 4).join(':');
}
