import type { PublishCommandInput } from '@aws-sdk/client-sns';
import type { Call } from '#sim/kernel/contract.ts';
import { keepLatest } from '#sim/services/keep-latest.ts';
import { bytesOfAttributes, readAttributes } from './message-attributes.ts';
import { getTopic, invalid, messages } from './rows.ts';

const LARGEST_BYTES = 256 * 1024;
/** Up to 100 characters, no line breaks or other control characters. */
const SUBJECT = /^\P{Cc}{1,100}$/u;

/** The rules are those of https://docs.aws.amazon.com/sns/latest/api/API_Publish.html. */
export function publish(call: Call, input: PublishCommandInput) {
  const { TopicArn = input.TargetArn, Subject, Message = '', MessageAttributes = {} } = input;
  if (TopicArn === undefined) throw invalid('TopicArn or TargetArn Reason: no value for required parameter');
  if (Message === '') throw invalid('Empty message');
  if (Subject !== undefined && !SUBJECT.test(Subject)) throw invalid('Subject');
  const attributes = readAttributes(MessageAttributes);
  if (Buffer.byteLength(Message) + bytesOfAttributes(MessageAttributes) > LARGEST_BYTES) {
    throw invalid('Message too long');
  }
  const topic = getTopic(call, TopicArn);
  const id = messageId(call);
  keepLatest(messages(call), {
    id,
    topicArn: topic.arn,
    subject: Subject ?? null,
    message: Message,
    attributes,
    publishedAt: call.now,
  });
  return { MessageId: id };
}

function messageId(call: Call): string {
  const digits = call.world.newId('', 32);
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
