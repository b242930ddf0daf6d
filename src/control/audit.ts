import type { AwsCallRecord } from '#aws/options.ts';
import type { AuditRecord, BrokenLink, ChainedRecord, Hash } from '#core/audit-chain.ts';
import { BreakwaterError, hasCode } from '#core/errors.ts';
import type { ExecutionEventRecord } from '#core/events.ts';
import { unchained } from '#store/audit-progress.ts';
import { announcementOf, claimOf } from '#store/audit-rows.ts';
import { AuditRepository } from '#store/audit.ts';
import { breathe } from '#store/breathe.ts';
import type { ExecutionRepository } from '#store/executions.ts';
import type { Store } from '#store/port.ts';
import type { AuditLog } from './audit-log.ts';
import { createAuditOutbox } from './audit-outbox.ts';
import { entryOfCall, isReading } from './aws-call-entry.ts';
import { EventChainer } from './event-chainer.ts';
import { goRound } from './rounds.ts';

/**
 * The audit trail: what people changed, every event of every execution, every call to AWS.
 *
 * What a killed process can lose: an act of a person or an event of an execution, nothing (acts are durable before they are
 * answered; events are caught up with from the execution's records). Nobody waits for the record of a call to AWS: those of
 * calls that may change something are written at once, and a kill loses those whose write has not ended, or that had no answer yet;
 * of those that only read (`isReading`) it loses up to a second's, for they wait for company (on Lambda: those of the invocation). CloudTrail has them all, by the
 * session name.
 */
export interface Audit extends AuditLog {
  /** Oldest first. A page may hold fewer than `limit` and still have a next one. `from` and `to`: ISO 8601, `to` not included. */
  list(params: AuditQuery): Promise<AuditPage>;
  /** The whole chain; `part`: as much of it as a call of API Gateway has time for, to be gone on with at `nextCursor`. */
  verify(part?: VerifyPart): Promise<AuditVerdict>;
  recordEvent(event: ExecutionEventRecord): void;
  /** `executionId` `null`: a call for no execution, such as a discovery's. */
  recordAwsCall(executionId: string | null, call: AwsCallRecord): void;
  /**
   * Chains what is announced and not chained yet, and the events that an execution has and the chain lacks; without an id those of
   * all executions. Any number of processes may do so at once.
   */
  catchUp(executionId?: string): Promise<void>;
  /** As `catchUp` of all, until its time is over: the next one goes on there. */
  catchUpUntil(isOver: () => boolean): Promise<void>;
  readonly chain: AuditRepository;
  /** Resolves when all that was recorded is durable. */
  settled(): Promise<void>;
}

export interface AuditQuery {
  readonly executionId?: string;
  readonly action?: string;
  readonly by?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

export interface AuditPage {
  readonly records: readonly ChainedRecord[];
  readonly nextCursor?: string;
}

export interface VerifyPart {
  /** Of the part before; without it, from the beginning. */
  readonly cursor?: string;
  /** Records to look at, at most. */
  readonly limit: number;
}

export interface AuditVerdict {
  /** Nothing that was looked at is broken. With `nextCursor` that is not the whole trail. */
  readonly ok: boolean;
  /** Up to which record all are sound: in a part, if the parts before are. */
  readonly records: number;
  /** How many there are. */
  readonly total: number;
  /** Hash of the last link: keep it elsewhere, and nobody can rewrite the trail unseen. */
  readonly head: string;
  readonly broken?: BrokenLink;
  readonly nextCursor?: string;
}

export interface AuditParams {
  readonly store: Store;
  readonly executions: ExecutionRepository;
  readonly hash: Hash;
  readonly serverId: string;
  /** Milliseconds since 1970, real time. */
  readonly realNow: () => number;
  /** Unique text. */
  readonly newId: () => string;
  /** What could not be written down: then nothing may go on. */
  readonly onFailure: (error: unknown) => void;
}

/** How many records one page of a filtered list looks at. */
const MOST_LOOKED_AT = 5_000;
/** Of verifying: a call of API Gateway lasts 29 s at most. */
const LONGEST_PART_MS = 15_000;
/** Before the first part. What is left over then, the next one who chains goes on with. */
const LONGEST_CATCH_UP_MS = 8_000;
/** Of executions: as many as a transaction has room for, each with an event and how far it is chained now. */
const CHAINED_AT_ONCE = 49;

export function createAudit(params: AuditParams): Audit {
  const { store, executions, hash, serverId, realNow, newId, onFailure } = params;
  const chain = new AuditRepository({ store, hash, serverId, now: realNow });
  const events = new EventChainer({ store, chain, executions });
  const chainEvents = (executionId: string): Promise<void> =>
    events.chain(executionId, []).catch((error: unknown) => {
      // Its note came to this Region, and its head did not, or not yet.
      if (!hasCode(error, 'ExecutionNotFound')) throw error;
    });
  const catchUpUntil = async (isOver: () => boolean): Promise<void> => {
    await chain.chainAnnounced(isOver);
    const ids = await unchained(store);
    await goRound(store, { name: 'audit', ids, most: CHAINED_AT_ONCE, isOver, look: chainEvents });
  };
  return {
    chain,
    append: async (entry) => void (await chain.append(entry)),
    async change(entry, make) {
      const at = new Date(realNow()).toISOString();
      const announced = announcementOf({ ...entry, at }, `${at}/${newId()}`);
      const made = await make(announced);
      await chain.appendOnce([{ ...entry, at }], claimOf(announced));
      return made;
    },
    list: (query) => list(chain, query),
    async verify(part) {
      const until = realNow() + LONGEST_PART_MS;
      const { cursor, limit } = part ?? { limit: Infinity };
      let looked = 0;
      const isOver = (): boolean => ++looked >= limit || realNow() >= until;
      const { broken, next, ...rest } = await chain.verify(
        part && { isOver, ...(cursor === undefined ? {} : { after: readCursor(cursor) }) },
      );
      return {
        ok: broken === null,
        ...rest,
        ...(broken === null ? {} : { broken }),
        ...(next === null ? {} : { nextCursor: `${next.sequence}-${next.hash}` }),
      };
    },
    recordEvent: (event) => void events.chain(event.executionId, [event]).catch(onFailure),
    recordAwsCall(executionId, call) {
      const entry = entryOfCall(executionId, call);
      void (isReading(call) ? chain.appendSoon(entry) : chain.append(entry)).catch(onFailure);
    },
    async settled() {
      await events.settled();
      await chain.settled();
    },
    catchUpUntil,
    async catchUp(executionId) {
      if (executionId === undefined) return catchUpUntil(() => false);
      await chain.chainAnnounced();
      await events.chain(executionId, []);
    },
  };
}

/**
 * The audit trail of a process that leaves chaining to others, such as a function of Lambda that answers one request: what it records
 * it announces. Who asks for the trail has it chained first, up to what was durable when it was asked for.
 */
export function createAnnouncingAudit(params: AuditParams): Audit {
  const audit = createAudit(params);
  const outbox = createAuditOutbox(params);
  const catchUp: Audit['catchUp'] = async (executionId) => {
    await outbox.settled();
    await audit.catchUp(executionId);
  };
  return {
    ...audit,
    ...outbox,
    catchUp,
    async catchUpUntil(isOver) {
      await outbox.settled();
      await audit.catchUpUntil(isOver);
    },
    // It is in the execution's records.
    recordEvent: () => {},
    async list(query) {
      if (query.cursor === undefined) await catchUp();
      return audit.list(query);
    },
    async verify(part) {
      if (part === undefined) await catchUp();
      else if (part.cursor === undefined) {
        const until = params.realNow() + LONGEST_CATCH_UP_MS;
        await this.catchUpUntil(() => params.realNow() >= until);
      }
      return audit.verify(part);
    },
    async settled() {
      await outbox.settled();
      await audit.settled();
    },
  };
}

/** The link that a part begins behind. Its hash comes along, so that whoever goes on notices what was made anew meanwhile. */
function readCursor(cursor: string): { sequence: number; hash: string } {
  const [, sequence, hash] = /^(\d{1,15})-([0-9a-f]{1,128})$/.exec(cursor) ?? [];
  if (sequence !== undefined && hash !== undefined) return { sequence: Number(sequence), hash };
  throw new BreakwaterError('RequestInvalid', 'the cursor is not from a part of this verification');
}

async function list(chain: AuditRepository, query: AuditQuery): Promise<AuditPage> {
  const { executionId, limit = 100 } = query;
  let { cursor } = query;
  for (let looked = 0; ; looked += limit) {
    const page = await chain.page({
      limit,
      ...(executionId === undefined ? {} : { executionId }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    cursor = page.cursor;
    const records = page.records.filter(({ record }) => matches(record, query));
    const isEnough = records.length > 0 || cursor === undefined || looked >= MOST_LOOKED_AT;
    if (isEnough) return { records, ...(cursor === undefined ? {} : { nextCursor: cursor }) };
    await breathe();
  }
}

function matches(record: AuditRecord, { action, by, from, to }: AuditQuery): boolean {
  const at = Date.parse(record.at);
  return (
    (action === undefined || record.action === action) &&
    (by === undefined || record.by === by) &&
    (from === undefined || at >= Date.parse(from)) &&
    (to === undefined || at < Date.parse(to))
  );
}
