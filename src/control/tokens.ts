import { BreakwaterError, hasCode } from '#core/errors.ts';
import { isAllowed, ROLE_PERMISSIONS, type Principal, type Role } from '#core/permissions.ts';
import type { DocumentRepository, Stored } from '#store/documents.ts';
import type { Write } from '#store/port.ts';
import { timingSafeEqual } from 'node:crypto';
import { requestOf, type Actor } from './audit-log.ts';
import type { PlaneDeps } from './plane-deps.ts';
import {
  principalIdOf,
  revokedRow,
  SERVER,
  tokenDocuments,
  type TokenRecord,
  type TokenView,
} from './token-records.ts';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 90;
/** `lastUsedAt` is kept to the hour: a write a request would cost more than it tells. */
const USE_GRAIN_MS = 3_600_000;
const MOST_DAYS = 365;
const TOKEN = /^bwt_([0-9A-Za-z-]{1,64})_([A-Za-z0-9_-]{43})$/;
/** Says that there has been a token, though all may be revoked since. */
const BEGUN = { partition: 'tokens-begun', sort: '' };

/** Local tokens: stored hashed, expiring, revocable. */
export interface Tokens {
  /** `token` is shown this once. Throws `Forbidden` if the creator lacks a permission that the roles have, `RequestInvalid` for other than 1 to 365 days. */
  create(
    params: { readonly name: string; readonly roles: readonly Role[]; readonly expiresInDays?: number },
    creator: Principal,
    requestId?: string,
  ): Promise<TokenView & { readonly token: string }>;
  list(page?: { limit?: number; cursor?: string }): Promise<{ tokens: TokenView[]; nextCursor?: string }>;
  /** Revokes it at once. Throws `NotFound`. */
  revoke(tokenId: string, actor: Actor): Promise<void>;
  /** Who presents this token; `null`: nobody, whatever is wrong with it. */
  authenticate(token: string): Promise<Principal | null>;
  /** An Admin token if there has never been any token: what the first start prints. `anew`: in any case, for when all are lost. */
  ensureAdminToken(how?: { readonly anew?: boolean }): Promise<string | null>;
}

export function createTokens(deps: PlaneDeps): Tokens {
  const { store, audit } = deps;
  const documents = tokenDocuments(deps);
  const nobodysHash = deps.hash('nobody');
  return {
    async create({ name, roles, expiresInDays = DEFAULT_DAYS }, creator, requestId) {
      refuseMoreThanOwn(roles, creator);
      if (!Number.isInteger(expiresInDays) || expiresInDays < 1 || expiresInDays > MOST_DAYS)
        throw new BreakwaterError('RequestInvalid', `expected 1 to 365 days, found ${expiresInDays}`);
      return issue(deps, { name, roles, days: expiresInDays, by: creator.id, requestId });
    },
    async list(page = {}) {
      const { items, cursor } = await documents.list(page);
      return { tokens: items.map(({ value }) => viewOf(value)), ...(cursor && { nextCursor: cursor }) };
    },
    async revoke(tokenId, { by, requestId }) {
      const { name } = (await documents.get(tokenId)).value;
      const entry = {
        action: 'token.revoke',
        by,
        target: `token/${tokenId}`,
        ...requestOf({ requestId }),
        data: { name },
      };
      await audit.change(entry, (announcement) => remove(documents, tokenId, announcement));
    },
    async authenticate(text) {
      const [, tokenId, secret] = TOKEN.exec(text) ?? [];
      if (tokenId === undefined || secret === undefined) return null;
      const found = await documents.find(tokenId);
      // Compared also without a record, so that the time does not tell which ids exist.
      const isRight = sameText(deps.hash(secret), found?.value.secretHash ?? nobodysHash);
      if (found === null || !isRight || Date.parse(found.value.expiresAt) <= deps.realNow()) return null;
      await noteUse(documents, found, deps.realNow());
      const { name, roles } = found.value;
      return { id: principalIdOf(tokenId), kind: 'token', name, roles };
    },
    async ensureAdminToken({ anew = false } = {}) {
      if (!anew && (await store.get({ table: 'platform-records', key: BEGUN })) !== null) return null;
      const order = {
        name: anew ? 'admin made at start' : 'first admin',
        roles: ['Admin'],
        days: DEFAULT_DAYS,
        by: SERVER,
      } as const;
      return (await issue(deps, order)).token;
    },
  };
}

interface Order {
  readonly name: string;
  readonly roles: readonly Role[];
  readonly days: number;
  readonly by: string;
  readonly requestId?: string | undefined;
}

async function issue(
  deps: PlaneDeps,
  { name, roles, days, by, requestId }: Order,
): Promise<TokenView & { token: string }> {
  const tokenId = deps.newId('');
  const secret = deps.newSecret();
  const now = deps.realNow();
  const view: TokenView = {
    tokenId,
    name,
    roles: [...roles],
    createdAt: new Date(now).toISOString(),
    createdBy: by,
    expiresAt: new Date(now + days * DAY_MS).toISOString(),
  };
  const entry = {
    action: 'token.create',
    by,
    target: `token/${tokenId}`,
    ...requestOf({ requestId }),
    data: { name, roles: [...roles], expiresAt: view.expiresAt },
  };
  await deps.audit.change(entry, (announcement) =>
    tokenDocuments(deps).create(tokenId, { ...view, secretHash: deps.hash(secret) }, [
      { kind: 'put', table: 'platform-records', key: BEGUN, value: {}, expect: 'any' },
      announcement,
    ]),
  );
  return { ...view, token: `bwt_${tokenId}_${secret}` };
}

function refuseMoreThanOwn(roles: readonly Role[], creator: Principal): void {
  const missing = roles
    .flatMap((role) => [...ROLE_PERMISSIONS[role]])
    .filter((permission) => !isAllowed(creator, permission));
  if (missing.length > 0)
    throw new BreakwaterError(
      'Forbidden',
      `${creator.name} cannot give what they lack: ${[...new Set(missing)].join(', ')}`,
    );
}

async function noteUse(
  documents: DocumentRepository<TokenRecord>,
  { id, revision, value }: Stored<TokenRecord>,
  now: number,
): Promise<void> {
  if (value.lastUsedAt !== undefined && now - Date.parse(value.lastUsedAt) < USE_GRAIN_MS) return;
  try {
    await documents.update(id, { ...value, lastUsedAt: new Date(now).toISOString() }, revision);
  } catch (error) {
    // Another request has noted it, or the token has just been revoked.
    if (!hasCode(error, 'PreconditionFailed') && !hasCode(error, 'NotFound')) throw error;
  }
}

/** Removes whatever revision there is: noting a use must not keep anyone from revoking. */
async function remove(
  documents: DocumentRepository<TokenRecord>,
  tokenId: string,
  announcement: Write,
): Promise<void> {
  const { revision, value } = await documents.get(tokenId);
  try {
    await documents.remove(tokenId, revision, [revokedRow(value), announcement]);
  } catch (error) {
    if (!hasCode(error, 'PreconditionFailed')) throw error;
    await remove(documents, tokenId, announcement);
  }
}

function viewOf({ secretHash: _, ...view }: TokenRecord): TokenView {
  return view;
}

/** Takes the same time wherever two texts of the same length differ. */
function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
