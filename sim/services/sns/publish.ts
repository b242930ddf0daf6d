import type { PublishCommandInput } from '@aws-sdk/client-sns';
import type { Call } from '#sim/kernel/contract.ts';
import { getTopic, invalid, messages } from './rows.ts';

const LARGEST_BYTES = 256 * 1024;
/** Up to 100 characters of printable ASCII, the first one no space. */
const SUBJECT = /^[!-~][ -~]{0,99}$/;

export function publish(call: Call, input: PublishCommandInput) {
  const { TopicArn, Subject, Message = '', MessageAttributes = {} } = input;
  if (TopicArn === undefined) throw invalid('TopicArn or TargetArn Reason: no value for required parameter');
  if (Message === '') throw invalid('Empty message');
  if (Buffer.byteLength(Message) > LARGEST_BYTES) throw invalid('Message too long');
  if (Subject !== undefined && !SUBJECT.test(Subject)) throw invalid('Subject');
  const attributes = Object.entries(MessageAttributes).map(([name, { StringValue = '' }]) => {
    if (StringValue === '') throw invalid(`The message attribute '${name}' must contain non-empty value`);
    return [name, StringValue];
  });
  const id = messageId(call);
  messages(call).put(id, {
    id,
    topicArn: getTopic(call, TopicArn).arn,
    subject: Subject ?? null,
    message: Message,
    attributes: Object.fromEntries(attributes),
    publishedAt: call.now,
  });
  return { MessageId: id };
}

function messageId(call: Call): string {
  const digits = call.world.newId('', 32);
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
