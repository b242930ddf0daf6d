import type {
  CreateTopicCommandInput,
  GetTopicAttributesCommandInput,
  ListTopicsCommandInput,
} from '@aws-sdk/client-sns';
import type { Call } from '#sim/kernel/contract.ts';
import { cutPage } from '#sim/services/paging.ts';
import { arnOf, getTopic, invalid, topics } from './rows.ts';

export const TOPIC_NAME = /^[A-Za-z0-9_-]{1,256}$/;
const PAGE_SIZE = 100;

/** A topic that exists already is answered, not made again. */
export function createTopic(call: Call, { Name = '', Tags = [] }: CreateTopicCommandInput) {
  if (!TOPIC_NAME.test(Name)) throw invalid('Topic Name');
  const arn = arnOf(call, Name);
  if (!topics(call).has(Name)) {
    const tags = Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]));
    topics(call).put(Name, { name: Name, arn, tags });
  }
  return { TopicArn: arn };
}

export function listTopics(call: Call, { NextToken }: ListTopicsCommandInput) {
  const cut = cutPage(topics(call).all(), { token: NextToken, size: PAGE_SIZE });
  if (cut === null) throw invalid('NextToken');
  return { Topics: cut.items.map(({ arn }) => ({ TopicArn: arn })), NextToken: cut.next };
}

/** Those that say whose topic it is and that nobody listens: https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html. */
export function getTopicAttributes(call: Call, { TopicArn = '' }: GetTopicAttributesCommandInput) {
  return {
    Attributes: {
      TopicArn: getTopic(call, TopicArn).arn,
      Owner: call.accountId,
      DisplayName: '',
      SubscriptionsConfirmed: '0',
      SubscriptionsPending: '0',
      SubscriptionsDeleted: '0',
    },
  };
}
