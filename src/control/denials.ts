import type { AuditLog } from './audit-log.ts';

const WINDOW_MS = 60_000;
const MOST_KEYS = 10_000;

/** Somebody who is known asked for what they may not do. */
export interface Denial {
  /** The id of a principal. */
  readonly by: string;
  /** `POST /executions/{executionId}/pause`. */
  readonly route: string;
  readonly why: string;
  readonly address: string;
  readonly requestId: string;
}

/** Refusals for lack of a permission, on their way into the evidence. */
export interface Denials {
  /** Resolves when the record is durable, if this one is to have one. */
  note(denial: Denial): Promise<void>;
  /** Records what was only counted so far. */
  flush(): Promise<void>;
}

export interface DenialsParams {
  readonly audit: Pick<AuditLog, 'append'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

interface Window {
  /** The last one. */
  denial: Denial;
  readonly since: number;
  /** Not recorded yet. */
  more: number;
}

/**
 * The first refusal of a principal at a route is recorded at once; those of the minute after it are counted, and recorded as one
 * when that minute is over and anybody is refused again. So a loop that asks for ever leaves two records a minute, not a trail
 * in which nothing else can be found.
 */
export function createDenials({ audit, now }: DenialsParams): Denials {
  /** The oldest first. */
  const windows = new Map<string, Window>();
  const record = ({ by, route, requestId, address, why }: Denial, count: number): Promise<void> =>
    audit.append({
      action: 'auth.forbidden',
      by,
      target: `route/${route}`,
      requestId,
      data: { why: why.slice(0, 500), address, count },
    });
  const takeWhile = (isOver: (window: Window) => boolean): Window[] => {
    const taken: Window[] = [];
    for (const [key, window] of windows) {
      if (!isOver(window)) break;
      windows.delete(key);
      taken.push(window);
    }
    return taken;
  };
  const recordAll = async (taken: readonly Window[]): Promise<void> => {
    for (const { denial, more } of taken) if (more > 0) await record(denial, more);
  };
  return {
    async note(denial) {
      const time = now();
      const over = takeWhile(({ since }) => time - since >= WINDOW_MS || windows.size > MOST_KEYS);
      const key = JSON.stringify([denial.by, denial.route]);
      const open = windows.get(key);
      if (open === undefined) windows.set(key, { denial, since: time, more: 0 });
      else Object.assign(open, { denial, more: open.more + 1 });
      // All is counted by now, whatever comes while these are written.
      await recordAll(over);
      if (open === undefined) await record(denial, 1);
    },
    flush: () => recordAll(takeWhile(() => true)),
  };
}
