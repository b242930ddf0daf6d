import { pollQueue, type Message, type PolledQueue } from '../../step-functions/support/queue.ts';
import type { QueueSpec } from './assembly.ts';
import type { Deployed } from './lambda-service.ts';

interface SourceParams {
  readonly url: string;
  readonly region: string;
  readonly queue: QueueSpec;
  readonly deployed: Deployed;
}

/** As many times shorter than the template says: a message that was not taken comes again within the patience of a test. */
const HURRY = 120;

/**
 * The queue in the interpreter's SQS, and Lambda's event source mapping: batches go to the function as they would, and what it names as
 * failed, or all if it died, stays in the queue and becomes visible again.
 */
export async function startEventSource({ url, region, queue, deployed }: SourceParams): Promise<PolledQueue> {
  const invoke = async (messages: readonly Message[]): Promise<readonly Message[]> => {
    const Records = messages.map((message) => recordOf(message, region, queue.name));
    const { payload, isError } = await deployed.invoke(queue.functionName, '', { Records });
    if (isError) return [];
    const { batchItemFailures } = payload as { batchItemFailures: { itemIdentifier: string }[] };
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    return messages.filter(({ MessageId }) => !failed.has(MessageId));
  };
  const underWay = new Set<Promise<void>>();
  const polled = await pollQueue({
    url,
    region,
    name: queue.name,
    visibilitySeconds: Math.max(Math.ceil(queue.visibilitySeconds / HURRY), 1),
    batchSize: queue.batchSize,
    // Does not wait for it: Lambda has several batches under way at once.
    take: (messages, remove) => {
      const taken = invoke(messages)
        .then(async (handled) => {
          for (const message of handled) await remove(message);
        })
        .finally(() => underWay.delete(taken));
      underWay.add(taken);
    },
  });
  return {
    queueUrl: polled.queueUrl,
    close: async () => {
      await polled.close();
      await Promise.all(underWay);
    },
  };
}

function recordOf({ MessageId, Body, ReceiptHandle }: Message, region: string, queue: string) {
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: {},
    messageAttributes: {},
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:${region}:${queue}`,
    awsRegion: region,
  };
}
