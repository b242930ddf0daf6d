import type { IdentitySettings } from '#control/identity-settings.ts';
import { ROLES, type Principal, type Role } from '#core/permissions.ts';
import { jwtVerify, type JWTPayload } from 'jose';
import { refused } from './refused.ts';
import { fetchJson, remoteKeys } from './remote-keys.ts';

/** Public keys alone: an `alg` of `none`, or one that would take a public key for a shared secret, is never accepted. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const TOLERANCE_SECONDS = 60;

export interface OidcParams {
  readonly fetch: typeof fetch;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Who presents a token of an issuer. Throws whatever is wrong with it, for the evidence; the caller is not told. */
export type OidcVerifier = (token: string) => Promise<Principal>;

interface Issuer {
  readonly issuer: string;
  readonly audience?: string;
  readonly groupsClaim: string;
  readonly roles: Readonly<Record<string, readonly Role[]>> | undefined;
  readonly jwks: () => Promise<string>;
  readonly check: (payload: JWTPayload) => void;
}

/** Verifiers of what is configured, by issuer. */
export function oidcVerifiers(settings: IdentitySettings, params: OidcParams): Map<string, OidcVerifier> {
  const issuers = [
    ...(settings.oidc ? [anyIssuer(settings.oidc, params)] : []),
    ...(settings.cognito ? [cognito(settings.cognito)] : []),
  ];
  return new Map(issuers.map((issuer) => [issuer.issuer, verifierOf(issuer, params)]));
}

function verifierOf(issuer: Issuer, { fetch, now }: OidcParams): OidcVerifier {
  const keys = remoteKeys({ url: issuer.jwks, fetch, now });
  return async (token) => {
    const { payload } = await jwtVerify(token, keys, {
      issuer: issuer.issuer,
      ...(issuer.audience === undefined ? {} : { audience: issuer.audience }),
      algorithms: ALGORITHMS,
      clockTolerance: TOLERANCE_SECONDS,
      currentDate: new Date(now()),
      requiredClaims: ['exp', 'sub'],
    });
    issuer.check(payload);
    return principalOf(issuer, payload);
  };
}

function anyIssuer(
  { issuer, audience, groupsClaim, roles }: NonNullable<IdentitySettings['oidc']>,
  { fetch }: OidcParams,
): Issuer {
  return {
    issuer,
    audience,
    groupsClaim,
    roles,
    check: () => {},
    jwks: async () => {
      const place = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
      const { jwks_uri: uri, issuer: named } = await fetchJson(fetch, place);
      if (named !== issuer || typeof uri !== 'string')
        throw refused(`the discovery document at ${place} is not of ${issuer}, or names no jwks_uri`);
      return uri;
    },
  };
}

/** Cognito's access tokens carry the client in `client_id` and no `aud`; its id tokens carry it in `aud`. */
function cognito({ userPoolId, clientIds, roles }: NonNullable<IdentitySettings['cognito']>): Issuer {
  const issuer = `https://cognito-idp.${userPoolId.split('_')[0]}.amazonaws.com/${userPoolId}`;
  return {
    issuer,
    groupsClaim: 'cognito:groups',
    roles,
    jwks: async () => `${issuer}/.well-known/jwks.json`,
    check: (payload) => {
      const use = payload['token_use'];
      const client = use === 'access' ? payload['client_id'] : use === 'id' ? payload.aud : undefined;
      if (typeof client !== 'string' || !clientIds.includes(client))
        throw refused(`the token is for no client that is configured: ${JSON.stringify(client)}`);
    },
  };
}

function principalOf(issuer: Issuer, payload: JWTPayload): Principal {
  const sub: unknown = payload.sub;
  if (typeof sub !== 'string' || sub === '' || sub.length > 255) throw refused('the token has no usable sub');
  const claim = readPath(payload, issuer.groupsClaim);
  const groups = (Array.isArray(claim) ? claim : [claim]).filter((group) => typeof group === 'string');
  // Cognito's access tokens have `username`, its id tokens `cognito:username`.
  const name =
    payload['email'] ?? payload['preferred_username'] ?? payload['username'] ?? payload['cognito:username'];
  return {
    id: `oidc:${issuer.issuer}#${sub}`,
    kind: 'oidc',
    name: typeof name === 'string' ? name : sub,
    roles: [...new Set(groups.flatMap((group) => rolesOf(issuer, group)))],
  };
}

function rolesOf({ roles }: Issuer, group: string): readonly Role[] {
  if (roles !== undefined) return Object.hasOwn(roles, group) ? roles[group]! : [];
  return ROLES.filter((role) => role === group);
}

/** A claim's own name may have dots or colons in it, so the whole is looked for first. */
function readPath(payload: JWTPayload, path: string): unknown {
  if (Object.hasOwn(payload, path)) return payload[path];
  return path
    .split('.')
    .reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, name)
          ? (value as Record<string, unknown>)[name]
          : undefined,
      payload,
    );
}
