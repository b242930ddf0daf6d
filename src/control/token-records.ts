import type { Role } from '#core/permissions.ts';
import { DocumentRepository } from '#store/documents.ts';
import type { Store, Write } from '#store/port.ts';
import type { PlaneDeps } from './plane-deps.ts';

/** A token as it can be shown: without its secret. Times are ISO 8601. */
export interface TokenView {
  readonly tokenId: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly createdAt: string;
  readonly createdBy: string;
  readonly expiresAt: string;
  readonly lastUsedAt?: string;
}

export type TokenRecord = TokenView & { readonly secretHash: string };

/** By whom tokens are created that the server itself makes when it starts. */
export const SERVER = 'breakwater';

const PREFIX = 'token:';
const INVOKER = 'invoke:';
const TABLE = 'platform-records';

export function tokenDocuments({ store }: Pick<PlaneDeps, 'store'>): DocumentRepository<TokenRecord> {
  return new DocumentRepository({ store, table: TABLE, partition: 'tokens', noun: 'token' });
}

/** The id of the principal who presents this token. */
export function principalIdOf(tokenId: string): string {
  return `${PREFIX}${tokenId}`;
}

/** The id of the principal who invokes a function directly, by the name that they give. */
export function invokerIdOf(name: string): string {
  return `${INVOKER}${name}`;
}

export function isTokenPrincipal(principalId: string): boolean {
  return principalId.startsWith(PREFIX);
}

/** The token of this principal, as long as it is neither expired nor revoked; else `null`. */
export async function validToken(
  deps: Pick<PlaneDeps, 'store' | 'realNow'>,
  principalId: string,
): Promise<TokenRecord | null> {
  const found = await tokenDocuments(deps).find(principalId.slice(PREFIX.length));
  return found === null || Date.parse(found.value.expiresAt) <= deps.realNow() ? null : found.value;
}

/** What a revoked token leaves behind: who issued it, since what it has done goes on to count. */
export function revokedRow({ tokenId, createdBy }: TokenRecord): Write {
  return { kind: 'put', table: TABLE, key: revokedAt(tokenId), value: { createdBy }, expect: 'any' };
}

/**
 * Who answers for a principal: for a local token whoever issued it, and so on, up to who is no local token, or has one that the server
 * made. All that invoke a function of AWS directly are one, for they only say who they are. For all others they themselves: who is behind two logins, nobody can know here.
 */
export async function personOf(store: Store, principalId: string): Promise<string> {
  if (principalId.startsWith(INVOKER)) return INVOKER;
  if (!isTokenPrincipal(principalId)) return principalId;
  const tokenId = principalId.slice(PREFIX.length);
  const createdBy =
    (await tokenDocuments({ store }).find(tokenId))?.value.createdBy ??
    (await issuerOfRevoked(store, tokenId));
  return createdBy === undefined || createdBy === SERVER ? principalId : personOf(store, createdBy);
}

async function issuerOfRevoked(store: Store, tokenId: string): Promise<string | undefined> {
  const row = await store.get({ table: TABLE, key: revokedAt(tokenId) });
  return row === null ? undefined : (row.value as { createdBy: string }).createdBy;
}

function revokedAt(tokenId: string): { partition: string; sort: string } {
  return { partition: 'revoked-tokens', sort: tokenId };
}
