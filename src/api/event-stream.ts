import type { Control } from '#control/control.ts';
import type { EventBus } from '#control/event-bus.ts';
import type { EventCode, ExecutionEventRecord } from '#core/events.ts';
import { hasEnded } from '#core/states.ts';

const PAGE = 500;
const HEARTBEAT_MS = 15_000;
/** With one of these an execution has ended. */
const ENDS: ReadonlySet<EventCode> = new Set(['ExecutionCompleted', 'ExecutionFailed', 'ExecutionCancelled']);

/** Where the answer is handed over whole, and nobody tells of what other processes write. Milliseconds. */
export interface StreamLimits {
  /** From one look into the records to the next. */
  readonly pollMs: number;
  /** Ends then without news. With news it ends at once, for they would wait for the end. */
  readonly mostMs: number;
}

interface StreamParams {
  readonly control: Pick<Control, 'listEvents' | 'getExecution'>;
  readonly events: EventBus;
  readonly executionId: string;
  /** The last sequence number that the client has. */
  readonly after: number;
  readonly signal: AbortSignal;
  /** Default: it goes on until the execution has ended. */
  readonly limits?: StreamLimits | undefined;
}

/**
 * The events of an execution as server-sent events, from the records first and then as they come, until it has ended. The bus only
 * says that there is something new; events are always read from the records, in order, so that none is lost or sent twice, and
 * a slow reader costs no memory. With limits it ends earlier, and the client asks on by `Last-Event-ID`.
 */
export async function* streamEvents(params: StreamParams): AsyncGenerator<string> {
  const { control, events, executionId, signal, limits } = params;
  const until = limits && Date.now() + limits.mostMs;
  let wake = (): void => {};
  let news = true;
  const unsubscribe = events.subscribe((event) => {
    if (event.executionId !== executionId) return;
    news = true;
    wake();
  });
  const stop = (): void => wake();
  signal.addEventListener('abort', stop);
  try {
    yield limits ? `retry: ${limits.pollMs}\n\n` : ': breakwater\n\n';
    // Looked up once, for a client that has the last event already; from then on the last event says it.
    let ended: boolean | undefined;
    for (let after = params.after; !signal.aborted;) {
      news = false;
      const page = await control.listEvents({ executionId, after, limit: PAGE });
      for (const event of page) yield formatEvent(event);
      after = page.at(-1)?.sequence ?? after;
      if (limits && page.length > 0) return;
      if (page.some(({ code }) => ENDS.has(code))) ended = true;
      if (page.length > 0 || news) continue;
      if (ended) return;
      if (ended === undefined) {
        ended = hasEnded((await control.getExecution({ executionId })).status);
        // What was written since the last page.
        if (ended) continue;
      }
      if (until !== undefined && Date.now() >= until) return;
      const isNews = await newsOrSilence(
        limits?.pollMs ?? HEARTBEAT_MS,
        (resolve) => (wake = resolve),
        () => news || signal.aborted,
      );
      if (!isNews && !limits) yield ': \n\n';
    }
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', stop);
  }
}

/** `false` when nothing came for so long. */
function newsOrSilence(
  silenceMs: number,
  setWake: (wake: () => void) => void,
  isThere: () => boolean,
): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), silenceMs);
    const wake = (): void => {
      clearTimeout(timer);
      resolve(true);
    };
    setWake(wake);
    if (isThere()) wake();
  });
}

function formatEvent(event: ExecutionEventRecord): string {
  return `id: ${event.sequence}\nevent: ${event.code}\ndata: ${JSON.stringify(event)}\n\n`;
}
