import type { Json } from '#core/json.ts';
import type { QueueHandler } from '#engine/port.ts';
import { REGION } from './interpreter.ts';

export interface PolledQueue {
  /** What a state machine names as its `QueueUrl`. */
  readonly queueUrl: string;
  /** Stops polling, when what was received has been handled. */
  close(): Promise<void>;
}

export interface Message {
  readonly MessageId: string;
  readonly Body: string;
  readonly ReceiptHandle: string;
}

interface QueueParams {
  /** The interpreter's. */
  readonly url: string;
  readonly region?: string;
  readonly name: string;
  /** A message that was not deleted comes again after so long. */
  readonly visibilitySeconds?: number;
  readonly batchSize?: number;
  /** Handles messages, and deletes those that it has handled. What it throws ends the polling, and `close` throws it. */
  readonly take: (
    messages: readonly Message[],
    remove: (message: Message) => Promise<void>,
  ) => Promise<void> | void;
}

/** Creates a queue in the interpreter's own SQS, and hands over what comes, as Lambda does for the function of a queue. */
export async function pollQueue({
  url,
  region = REGION,
  name,
  visibilitySeconds = 1,
  batchSize = 10,
  take,
}: QueueParams): Promise<PolledQueue> {
  const sqs = sqsOf(url, region);
  const Attributes = { VisibilityTimeout: String(visibilitySeconds) };
  const { QueueUrl } = (await sqs('CreateQueue', { QueueName: name, Attributes })) as { QueueUrl: string };
  const closing = new AbortController();
  const remove = async ({ ReceiptHandle }: Message): Promise<void> =>
    void (await sqs('DeleteMessage', { QueueUrl, ReceiptHandle }));
  const poll = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      const asked = { QueueUrl, MaxNumberOfMessages: batchSize, WaitTimeSeconds: 5 };
      const received = await sqs('ReceiveMessage', asked, closing.signal).catch((error: unknown) => {
        if (closing.signal.aborted) return {};
        throw error;
      });
      const { Messages = [] } = received as { Messages?: Message[] };
      if (Messages.length > 0) await take(Messages, remove);
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

/** As `take`: each message to this handler. */
export function takeEach(handler: QueueHandler): QueueParams['take'] {
  return async (messages, remove) => {
    await Promise.all(
      messages.map(async (message) => {
        await handler(JSON.parse(message.Body) as Json);
        await remove(message);
      }),
    );
  };
}

/** Calls of SQS's JSON protocol. The interpreter looks at no signature, only at whose service and Region it is for. */
function sqsOf(url: string, region: string) {
  return async (operation: string, input: object, signal?: AbortSignal): Promise<object> => {
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
    return text === '' ? {} : (JSON.parse(text) as object);
  };
}
