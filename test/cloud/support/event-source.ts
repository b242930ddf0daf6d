import type { Json } from '#core/json.ts';
import { sqsOf } from '../../step-functions/support/queue.ts';
import type { QueueSpec } from './assembly.ts';
import type { Deployed } from './lambda-service.ts';

export interface EventSource {
  readonly queueUrl: string;
  close(): Promise<void>;
}

interface SourceParams {
  readonly url: string;
  readonly region: string;
  readonly queue: QueueSpec;
  readonly deployed: Deployed;
}

/** As many times shorter than the template says: a message that was not taken comes again within the patience of a test. */
const HURRY = 120;

interface Message {
  readonly MessageId: string;
  readonly Body: string;
  readonly ReceiptHandle: string;
}

/**
 * The queue in the interpreter's SQS, and Lambda's event source mapping: batches go to the function as they would, and what it names as
 * failed, or all if it died, stays in the queue and becomes visible again.
 */
export async function startEventSource({ url, region, queue, deployed }: SourceParams): Promise<EventSource> {
  const sqs = sqsOf(url, region);
  const VisibilityTimeout = String(Math.max(Math.ceil(queue.visibilitySeconds / HURRY), 1));
  const created = await sqs('CreateQueue', { QueueName: queue.name, Attributes: { VisibilityTimeout } });
  const QueueUrl = created['QueueUrl'] as string;
  const closing = new AbortController();
  const take = async (messages: readonly Message[]): Promise<void> => {
    const arn = `arn:aws:sqs:${region}:${queue.name}`;
    const Records = messages.map(({ MessageId, Body, ReceiptHandle }) => ({
      messageId: MessageId,
      receiptHandle: ReceiptHandle,
      body: Body,
      attributes: {},
      messageAttributes: {},
      eventSource: 'aws:sqs',
      eventSourceARN: arn,
      awsRegion: region,
    }));
    const { payload, isError } = await deployed.invoke(queue.functionName, '', { Records });
    if (isError) return;
    const failed = new Set(
      (payload as { batchItemFailures: { itemIdentifier: string }[] }).batchItemFailures.map(
        ({ itemIdentifier }) => itemIdentifier,
      ),
    );
    for (const { MessageId, ReceiptHandle } of messages)
      if (!failed.has(MessageId)) await sqs('DeleteMessage', { QueueUrl, ReceiptHandle });
  };
  const underWay = new Set<Promise<void>>();
  const poll = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      const asked = { QueueUrl, MaxNumberOfMessages: queue.batchSize, WaitTimeSeconds: 2 };
      const received = await sqs('ReceiveMessage', asked, closing.signal).catch((error: unknown) => {
        if (closing.signal.aborted) return { Messages: [] as Json };
        throw error;
      });
      const messages = (received['Messages'] ?? []) as unknown as Message[];
      if (messages.length === 0) continue;
      const taken = take(messages).finally(() => underWay.delete(taken));
      underWay.add(taken);
    }
    await Promise.all(underWay);
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
