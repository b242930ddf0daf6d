import type { Denials } from '#control/denials.ts';
import type { IdentitySettings } from '#control/identity-settings.ts';
import type { Tokens } from '#control/tokens.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { Principal } from '#core/permissions.ts';
import { decodeJwt } from 'jose';
import type { Authenticator, Credentials } from './authenticator.ts';
import { guarded } from './guarded.ts';
import { iamVerifier, type IamParams, type IamVerifier, type SeenProofs } from './iam-proof.ts';
import { oidcVerifiers, type OidcParams, type OidcVerifier } from './oidc.ts';
import { refused } from './refused.ts';

export interface AuthenticatorParams {
  readonly tokens: Pick<Tokens, 'authenticate'>;
  /** As they are now, with a number that rises when they change. */
  readonly settings: () => Promise<{ readonly revision: number; readonly value: IdentitySettings }>;
  readonly oidc: OidcParams;
  readonly iam: IamParams;
  readonly denials: Pick<Denials, 'noteFailure'>;
}

interface Verifiers {
  readonly revision: number;
  readonly oidc: ReadonlyMap<string, OidcVerifier>;
  readonly iam: IamVerifier | null;
}

/** Local tokens, OIDC tokens and IAM proofs. */
export function createAuthenticator(params: AuthenticatorParams): Authenticator {
  return guarded({
    denials: params.denials,
    now: params.oidc.now,
    presentedIn: ({ headers }) => presentedIn(headers),
    tokenIdIn: (presented) => /Bearer bwt_([0-9A-Za-z-]{1,64})_/i.exec(presented)?.[1],
    identify: identifier(params),
  });
}

/** Answers who presents the credentials. Throws why not. */
function identifier(params: AuthenticatorParams): (credentials: Credentials) => Promise<Principal> {
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
  return async ({ headers }) => {
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
