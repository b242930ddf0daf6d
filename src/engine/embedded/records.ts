import type { Json } from '#core/json.ts';
import { Doc } from './doc.ts';

/**
 * What the journal holds. A chunk is what one thread did in one turn, as a list of records; it is written and committed whole.
 * Keys are one letter because they are most of the bytes: `o` document, `s` state, `y` its type, `e` error, `c` cause,
 * `h` the history event it shows as (none: it does not show), `u` until (ms since 1970).
 */
export type JournalRecord =
  /** First in a child thread: its parent (`p`), its place among the siblings (`i`), its input. */
  | { readonly k: 'child'; readonly p: number; readonly i: number; readonly o: Doc; readonly h?: string }
  | { readonly k: 'enter'; readonly s: string; readonly y: string; readonly o: Doc }
  | ScheduleRecord
  /** The queue has the message, or the nested execution has started. */
  | { readonly k: 'submit'; readonly r: string }
  | { readonly k: 'beat' }
  | { readonly k: 'succeed'; readonly o: Doc }
  | { readonly k: 'fail'; readonly e: string; readonly c: string; readonly h?: string }
  | { readonly k: 'retry'; readonly i: number; readonly u: number }
  | { readonly k: 'wait'; readonly u: number }
  /** Map: the items and how many may run at once. */
  | { readonly k: 'items'; readonly o: Doc; readonly n: number; readonly m: number }
  /** Parallel: the input of every branch, and their number. */
  | { readonly k: 'branches'; readonly o: Doc; readonly n: number }
  | { readonly k: 'join'; readonly h: string }
  /** `a`: the variables assigned. */
  | { readonly k: 'exit'; readonly o: Doc; readonly a?: Doc }
  /** Lets others have a turn before this state. */
  | { readonly k: 'yield'; readonly s: string }
  | { readonly k: 'end'; readonly o: Doc; readonly h?: string }
  | { readonly k: 'break'; readonly e: string; readonly c: string; readonly h?: string };

export interface ScheduleRecord {
  readonly k: 'schedule';
  /** Resource of the Task state. */
  readonly r: string;
  /** Function, queue or machine. */
  readonly t: string;
  readonly o: Doc;
  /** Name of the nested execution. */
  readonly n?: string;
  /** When the task times out. */
  readonly u?: number;
  /** Heartbeat in ms. */
  readonly b?: number;
}

/** Writes the records of one chunk. A document equal to the one before it in the chunk is left out. */
export class ChunkWriter {
  text = '';
  /** How many history events the chunk holds. */
  events = 0;
  #last: Doc | null = null;

  write(record: JournalRecord): void {
    this.events += eventsOf(record);
    let text = this.text === '' ? '{"k":"' : ',{"k":"';
    text += record.k;
    text += '"';
    for (const key in record) {
      if (key === 'k') continue;
      const value = (record as unknown as Record<string, string | number | Doc | undefined>)[key];
      if (value === undefined) continue;
      if (typeof value === 'number') text += `,"${key}":${value}`;
      else if (typeof value === 'string') text += `,"${key}":${quote(value)}`;
      else if (key !== 'o') text += `,"${key}":${value.json}`;
      else if (value !== this.#last) {
        text += `,"o":${value.json}`;
        this.#last = value;
      }
    }
    this.text += text;
    this.text += '}';
  }
}

/** Reads the records of one chunk back. */
export function readChunk(text: string): JournalRecord[] {
  let last: Doc | undefined;
  return (JSON.parse(`[${text}]`) as Record<string, Json>[]).map((raw) => {
    const record: Record<string, unknown> = { ...raw };
    if (Object.hasOwn(raw, 'o')) last = Doc.ofValue(raw['o']!);
    if (WITH_DOCUMENT.has(raw['k'] as string)) record['o'] = last;
    if (Object.hasOwn(raw, 'a')) record['a'] = Doc.ofValue(raw['a']!);
    return record as unknown as JournalRecord;
  });
}

const WITH_DOCUMENT = new Set(['child', 'enter', 'schedule', 'succeed', 'items', 'branches', 'exit', 'end']);
const ALWAYS: Readonly<Record<string, number>> = {
  enter: 1,
  schedule: 2,
  submit: 1,
  succeed: 1,
  items: 1,
  branches: 1,
  exit: 1,
};

/** How many history events a record shows as. */
export function eventsOf(record: JournalRecord): number {
  if ('h' in record && record.h !== undefined) return 1;
  return ALWAYS[record.k] ?? 0;
}

/** Names of states and functions seldom need escaping. */
function quote(text: string): string {
  return /^[\w .:/-]*$/.test(text) ? `"${text}"` : JSON.stringify(text);
}
