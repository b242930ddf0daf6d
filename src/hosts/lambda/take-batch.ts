import { messageOf } from '#core/errors.ts';
import type { Json } from '#core/json.ts';
import { log } from './log.ts';

/** What Lambda hands over from a queue of SQS. */
interface SqsEvent {
  readonly Records: readonly { readonly messageId: string; readonly body: string }[];
}

interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** Takes messages one by one. Those that fail are named, so that the queue gives them again, and them alone. */
export function takeBatch(take: (message: Json) => Promise<void>): (event: SqsEvent) => Promise<BatchAnswer> {
  return async ({ Records }) => {
    const failed: { itemIdentifier: string }[] = [];
    for (const { messageId, body } of Records) {
      try {
        await take(JSON.parse(body) as Json);
      } catch (error) {
        log('ERROR', { message: 'message not taken', messageId, error: messageOf(error) });
        failed.push({ itemIdentifier: messageId });
      }
    }
    return { batchItemFailures: failed };
  };
}
