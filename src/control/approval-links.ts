import { parseDuration } from '#core/duration.ts';
import { BreakwaterError, hasCode } from '#core/errors.ts';
import { isAllowed, ROLES, type Principal, type Role } from '#core/permissions.ts';
import { timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { refusalByPerson, type ApprovalAct, type ApprovalResult } from './approve-at-gate.ts';
import type { Denials } from './denials.ts';
import type { PlaneDeps } from './plane-deps.ts';
import { isTokenPrincipal, validToken } from './token-records.ts';
import { requestOf } from './audit-log.ts';

const PREFIX = 'bwl_';
const TABLE = 'platform-records';
const KEY_AT = { partition: 'approval-links', sort: 'key' };
/** Longer ones would outlive most gates. */
const LONGEST_MS = 7 * 86_400_000;

/** What a link says. It is signed, so it can be trusted; whoever has it may act once, as the principal that it names. */
const Link = z.object({
  executionId: z.string(),
  gateId: z.string(),
  planHash: z.string(),
  resourcesHash: z.string(),
  principal: z.object({ id: z.string(), name: z.string(), roles: z.array(z.enum(ROLES)) }),
  madeBy: z.string(),
  /** ISO 8601, in people's time. */
  expiresAt: z.string(),
  nonce: z.string(),
});
type Link = z.infer<typeof Link>;

type Decide = (act: ApprovalAct) => Promise<ApprovalResult>;

interface ApprovalLinksParams {
  readonly decide: Decide;
  readonly denials: Pick<Denials, 'noteFailure'>;
}

/** One-time links: they work without login. */
export interface ApprovalLinks {
  /**
   * A link for another principal needs `token:write`: who has it could make them a token as well. One for oneself needs
   * `gate:approve`. Its maker has a hand in what is approved by it. Throws `Forbidden`; `ApprovalRefused` if its approval would not
   * count; `GateNotOpen`.
   */
  createLink(params: {
    readonly executionId: string;
    readonly gateId: string;
    readonly maker: Principal;
    readonly forPrincipal: Pick<Principal, 'id' | 'name' | 'roles'>;
    /** ISO 8601, at most P7D. */
    readonly expiresIn: string;
    readonly requestId?: string | undefined;
  }): Promise<{ readonly token: string; readonly expiresAt: string }>;
  /** Acts as who the link is for. Throws `Unauthenticated` for what is no link of ours, `ApprovalRefused` when it has expired or was used, or a token behind it is gone. */
  useLink(
    token: string,
    act: Pick<ApprovalAct, 'action' | 'reason' | 'changeTicket'> & {
      readonly requestId?: string | undefined;
      /** Where it is used from: for the evidence, if it is no link of ours. */
      readonly address?: string | undefined;
    },
  ): Promise<ApprovalResult & { readonly executionId: string }>;
}

export function createApprovalLinks(
  deps: PlaneDeps,
  { decide, denials }: ApprovalLinksParams,
): ApprovalLinks {
  return {
    async createLink({ executionId, gateId, maker, forPrincipal: named, expiresIn, requestId }) {
      refuseMaker(maker, named);
      const forPrincipal = { ...named, roles: await rolesNow(deps, named) };
      const bound = await boundTo(deps, { executionId, gateId, maker, forPrincipal });
      const expiresAt = expiryOf(deps.realNow(), expiresIn);
      const { id, name, roles } = forPrincipal;
      const principal = { id, name, roles };
      const nonce = deps.newSecret();
      const link: Link = { executionId, gateId, ...bound, principal, madeBy: maker.id, expiresAt, nonce };
      const text = Buffer.from(JSON.stringify(link)).toString('base64url');
      const token = `${PREFIX}${text}.${deps.sign(await signingKey(deps), text)}`;
      await deps.audit.append({
        action: 'approval.link.create',
        by: maker.id,
        target: `execution/${executionId}/gate/${gateId}`,
        executionId,
        ...requestOf({ requestId }),
        data: { forPrincipal: id, roles: [...roles], expiresAt },
      });
      return { token, expiresAt };
    },
    async useLink(token, { address, ...act }) {
      const read = await readLink(deps, token);
      if (read === null) {
        const { requestId } = act;
        await denials.noteFailure({
          why: 'a forged approval link',
          address: address ?? 'unknown',
          requestId,
        });
        throw new BreakwaterError('Unauthenticated', 'this is no link that this server has made');
      }
      const { principal, nonce, expiresAt, executionId, gateId, ...link } = read;
      if (Date.parse(expiresAt) <= deps.realNow())
        throw new BreakwaterError('ApprovalRefused', `the link expired at ${expiresAt}`);
      const roles = await rolesNow(deps, principal);
      await rolesNow(deps, { id: link.madeBy, name: `${link.madeBy}, whose link it is,`, roles: [] });
      const isFirst = await spend(deps, nonce, act.action);
      try {
        const by = { ...principal, roles, kind: 'token' } as const;
        const result = await decide({ ...act, executionId, gateId, principal: by, link });
        await note(deps, nonce, { action: act.action, done: true });
        return { executionId, ...result };
      } catch (error) {
        if (isFirst && hasHadNoEffect(error)) await giveBack(deps, nonce);
        throw error;
      }
    },
  };
}

function refuseMaker(maker: Principal, { id, roles }: Pick<Principal, 'id' | 'roles'>): void {
  const isSelf = id === maker.id && roles.every((role) => maker.roles.includes(role));
  const permission = isSelf ? 'gate:approve' : 'token:write';
  if (!isAllowed(maker, permission))
    throw new BreakwaterError(
      'Forbidden',
      `${maker.name} has not the permission ${permission}${isSelf ? '' : ', which a link for others needs'}`,
    );
}

/**
 * Of these roles those that the principal still has, as far as it can be known here. Throws `ApprovalRefused` when their local token was
 * revoked or has expired. What an OIDC issuer or IAM would say now only a login tells: those keep the roles of the link.
 */
async function rolesNow(
  deps: PlaneDeps,
  { id, name, roles }: Pick<Principal, 'id' | 'name' | 'roles'>,
): Promise<Role[]> {
  if (!isTokenPrincipal(id)) return [...roles];
  const token = await validToken(deps, id);
  if (token === null)
    throw new BreakwaterError(
      'ApprovalRefused',
      `${name} has no valid token: it was revoked, has expired, or never was`,
    );
  return roles.filter((role) => token.roles.includes(role));
}

/** What the gate is bound to now. */
async function boundTo(
  { store, services: { executions } }: PlaneDeps,
  params: Pick<
    Parameters<ApprovalLinks['createLink']>[0],
    'executionId' | 'gateId' | 'maker' | 'forPrincipal'
  >,
): Promise<{ planHash: string; resourcesHash: string }> {
  const { executionId, gateId, maker, forPrincipal } = params;
  const { initiatedBy } = await executions.head(executionId);
  const gate = (await executions.gates(executionId)).find((one) => one.gateId === gateId);
  if (gate?.status !== 'open' || gate.approval === undefined)
    throw new BreakwaterError('GateNotOpen', `gate ${JSON.stringify(gateId)} waits for no approval`);
  const approver = { ...forPrincipal, linkMadeBy: maker.id };
  const refusal = await refusalByPerson(store, gate.approval, { approver, initiatedBy });
  if (refusal !== null) throw new BreakwaterError('ApprovalRefused', refusal);
  const { planHash, resourcesHash } = gate.approval;
  return { planHash, resourcesHash };
}

function expiryOf(now: number, expiresIn: string): string {
  const ms = parseDuration(expiresIn);
  if (ms <= 0 || ms > LONGEST_MS)
    throw new BreakwaterError(
      'RequestInvalid',
      `expiresIn is ${expiresIn}; expected more than PT0S, at most P7D`,
    );
  return new Date(now + ms).toISOString();
}

/** `null`: not signed by us. */
async function readLink(deps: PlaneDeps, token: string): Promise<Link | null> {
  const [text = '', signature = '', ...rest] = token.startsWith(PREFIX)
    ? token.slice(PREFIX.length).split('.')
    : [];
  const expected = Buffer.from(deps.sign(await signingKey(deps), text));
  const given = Buffer.from(signature);
  const isOurs = given.length === expected.length && timingSafeEqual(given, expected) && rest.length === 0;
  if (!isOurs) return null;
  return Link.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
}

/** Made on first use; whoever comes first makes it. It never leaves the store. */
async function signingKey(deps: PlaneDeps): Promise<string> {
  const { store } = deps;
  const row = await store.get({ table: TABLE, key: KEY_AT });
  if (row !== null) return (row.value as { key: string }).key;
  const key = deps.newSecret();
  try {
    await store.write([{ kind: 'put', table: TABLE, key: KEY_AT, value: { key }, expect: 'absent' }]);
    return key;
  } catch (error) {
    if (!hasCode(error, 'RevisionConflict')) throw error;
    return ((await store.get({ table: TABLE, key: KEY_AT }))!.value as { key: string }).key;
  }
}

/** What a link was used for. Until it is done nobody knows whether it has had an effect. */
interface Use {
  readonly action: ApprovalAct['action'];
  readonly done?: boolean;
}

/**
 * Answers whether it is used for the first time. A use that was broken off may come again, for the same action: if it has had its effect,
 * it is refused then, since nobody counts twice.
 */
async function spend({ store }: PlaneDeps, nonce: string, action: Use['action']): Promise<boolean> {
  try {
    await store.write([
      { kind: 'put', table: TABLE, key: usedAt(nonce), value: { action }, expect: 'absent' },
    ]);
    return true;
  } catch (error) {
    if (!hasCode(error, 'RevisionConflict')) throw error;
    const use = (await store.get({ table: TABLE, key: usedAt(nonce) }))?.value as Partial<Use> | undefined;
    if (use?.action === action && use.done !== true) return false;
    throw new BreakwaterError('ApprovalRefused', 'the link has been used already', { cause: error });
  }
}

async function note({ store }: PlaneDeps, nonce: string, use: Use): Promise<void> {
  await store.write([{ kind: 'put', table: TABLE, key: usedAt(nonce), value: { ...use }, expect: 'any' }]);
}

/** A refusal: the link may be used again, for anything. After any other error it may have had its effect. */
function hasHadNoEffect(error: unknown): boolean {
  return REFUSALS.some((code) => hasCode(error, code));
}

const REFUSALS = ['ApprovalRefused', 'GateNotOpen', 'ExecutionNotRunning', 'UsageInvalid'] as const;

async function giveBack({ store }: PlaneDeps, nonce: string): Promise<void> {
  await store.write([{ kind: 'remove', table: TABLE, key: usedAt(nonce), expect: 'any' }]);
}

function usedAt(nonce: string): { partition: string; sort: string } {
  return { partition: 'approval-links-used', sort: nonce };
}
