import type { BreakwaterClient, ExecutionEvent } from './breakwater.ts';
import { ProblemError } from './transport.ts';

export interface FollowParams {
  readonly executionId: string;
  /** The last sequence number that is known: events after it come. Default 0: all of them. */
  readonly after?: number;
  readonly signal?: AbortSignal;
  /** How often in a row to connect in vain before giving up. Default 10, a second apart. */
  readonly tries?: number;
  readonly waitMs?: number;
}

const ENDS: ReadonlySet<string> = new Set(['ExecutionCompleted', 'ExecutionFailed', 'ExecutionCancelled']);

/**
 * The events of an execution as they come, until it has ended. A connection that breaks is made again, with `Last-Event-ID`, so
 * that none is lost and none comes twice. Throws what the last try threw, and at once what no further try mends.
 */
export async function* followEvents(
  client: BreakwaterClient,
  { executionId, after = 0, signal, tries = 10, waitMs = 1_000 }: FollowParams,
): AsyncGenerator<ExecutionEvent, void, undefined> {
  let last = after;
  for (let failures = 0; ;) {
    try {
      for await (const event of openStream(client, executionId, last, signal)) {
        last = event.sequence;
        failures = 0;
        yield event;
        if (ENDS.has(event.code)) return;
      }
      // The server ends the stream of an execution that has ended, also when there was nothing new in it.
      const { data } = await client.getExecution({ executionId }, signal && { signal });
      if (/^(completed|failed|cancelled)$/.test(data.status)) return;
    } catch (error) {
      failures += 1;
      const isFinal = error instanceof ProblemError && error.status < 500 && error.status !== 429;
      if (isFinal || signal?.aborted || failures >= tries) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

async function* openStream(
  client: BreakwaterClient,
  executionId: string,
  last: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<ExecutionEvent> {
  const response = await client.send({
    method: 'GET',
    path: `/executions/${encodeURIComponent(executionId)}/events`,
    headers: { accept: 'text/event-stream', 'last-event-id': String(last) },
    options: signal && { signal },
  });
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = `${text}${chunk}`.split('\n\n');
    text = blocks.pop()!;
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data !== undefined) yield JSON.parse(data) as ExecutionEvent;
    }
  }
}
