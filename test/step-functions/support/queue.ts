import type { Json } from '#core/json.ts';
import type { QueueHandler } from '#engine/port.ts';
import { REGION } from './interpreter.ts';

export interface PolledQueue {
  /** What a state machine names as its `QueueUrl`. */
  readonly queueUrl: string;
  /** Stops polling, when what was received has been handled. */
  close(): Promise<void>;
}

/**
 * Creates a queue in the interpreter's own SQS, and hands each message to the handler, as the event source of a function does: a
 * message that was not handled comes again.
 */
export async function pollQueue(url: string, name: string, handler: QueueHandler): Promise<PolledQueue> {
  const sqs = sqsOf(url);
  const created = await sqs('CreateQueue', { QueueName: name, Attributes: { VisibilityTimeout: '1' } });
  const QueueUrl = created['QueueUrl'] as string;
  const closing = new AbortController();
  const poll = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      const ask = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5 };
      const received = await sqs('ReceiveMessage', ask, closing.signal).catch((error: unknown) => {
        if (closing.signal.aborted) return { Messages: [] };
        throw error;
      });
      await Promise.all(
        ((received['Messages'] ?? []) as Message[]).map(async ({ Body, ReceiptHandle }) => {
          await handler(JSON.parse(Body) as Json);
          await sqs('DeleteMessage', { QueueUrl, ReceiptHandle });
        }),
      );
    }
  };
  const polling = poll();
  // Told to whoever closes it.
  polling.catch(() => {});
  return {
    queueUrl: QueueUrl,
    close: async () => {
      closing.abort();
      await polling;
    },
  };
}

interface Message {
  readonly Body: string;
  readonly ReceiptHandle: string;
}

/** Calls of SQS's JSON protocol. The interpreter looks at no signature, only at whose service and Region it is for. */
export function sqsOf(url: string, region: string = REGION) {
  return async (
    operation: string,
    input: object,
    signal?: AbortSignal,
  ): Promise<Readonly<Record<string, unknown>>> => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `AmazonSQS.${operation}`,
        authorization: `AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/${region}/sqs/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body: JSON.stringify(input),
      ...(signal === undefined ? {} : { signal }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new TypeError(`SQS ${operation}: ${answer.status} ${text.slice(0, 500)}`);
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  };
}
