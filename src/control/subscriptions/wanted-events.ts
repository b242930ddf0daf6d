import type { ChainedRecord } from '#core/audit-chain.ts';
import { EVENTS, type EventCode, type ExecutionEventRecord } from '#core/events.ts';
import { EVENT_RECORD } from '#core/evidence-bundle.ts';

/** The audit trail's records behind a number, oldest first: `audit.chain.list`. */
export type RecordsAfter = (params: { after: number; limit: number }) => Promise<readonly ChainedRecord[]>;

/** What a subscriber wants to hear of. */
interface Wish {
  /** Default: all but what is for debugging. */
  readonly events?: readonly EventCode[] | undefined;
}

/** An event in the audit trail that a subscriber wants. */
export interface WantedEvent {
  /** Of its record. */
  readonly number: number;
  /**
   * When it came into the trail, in people's time: as it happens, or within a minute. Its own `at` is in the time of its execution,
   * which runs faster on a simulated AWS.
   */
  readonly since: string;
  readonly event: ExecutionEventRecord;
}

/** Events that are to be delivered yet. */
export interface WaitingEvents {
  readonly count: number;
  /** ISO 8601. */
  readonly oldestAt?: string;
  /** More of the trail is behind those that were looked at. */
  readonly isMore: boolean;
}

const PAGE = 500;
/** Records of the trail. */
const MOST_LOOKED_AT = 5_000;

/** What a subscriber wants of these records, in their order. */
export function wantedEvents(subscription: Wish, records: readonly ChainedRecord[]): WantedEvent[] {
  const wanted: WantedEvent[] = [];
  for (const { sequence, record } of records) {
    const event = eventOf(record);
    if (event !== null && isWanted(subscription, event))
      wanted.push({ number: sequence, since: record.at, event });
  }
  return wanted;
}

/** Counts what a subscriber wants behind a record. */
export async function waitingEvents(
  subscription: Wish,
  { after, recordsAfter }: { readonly after: number; readonly recordsAfter: RecordsAfter },
): Promise<WaitingEvents> {
  let [count, looked, isMore] = [0, 0, true];
  let oldestAt: string | undefined;
  while (isMore && looked < MOST_LOOKED_AT) {
    const records = await recordsAfter({ after: after + looked, limit: PAGE });
    const wanted = wantedEvents(subscription, records);
    count += wanted.length;
    oldestAt ??= wanted[0]?.since;
    looked += records.length;
    isMore = records.length === PAGE;
  }
  return { count, isMore, ...(oldestAt === undefined ? {} : { oldestAt }) };
}

/** The event that a record of the trail is about; `null`: it is about something else. */
function eventOf({ action, executionId, data }: ChainedRecord['record']): ExecutionEventRecord | null {
  if (action !== EVENT_RECORD || executionId === undefined) return null;
  const { sequence, at, code, data: facts } = data as unknown as Omit<ExecutionEventRecord, 'executionId'>;
  // Of an older version, which had events that this one does not know.
  if (!(code in EVENTS)) return null;
  const { level, describe } = EVENTS[code];
  return { executionId, sequence, at, code, level, message: describe(facts), data: facts };
}

function isWanted({ events }: Wish, { level, code }: ExecutionEventRecord): boolean {
  return level !== 'debug' && (events === undefined || events.includes(code));
}
