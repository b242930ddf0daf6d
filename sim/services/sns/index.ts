import type { Handlers, ServiceDefinition } from '#sim/kernel/contract.ts';
import { changeRowTags } from '#sim/services/tagging-support.ts';
import { publish } from './publish.ts';
import { topics } from './rows.ts';
import { seed, SnsSection } from './scenario.ts';
import { createTopic, getTopicAttributes, listTopics } from './topics.ts';

export const service: ServiceDefinition = {
  name: 'sns',
  operations: {
    CreateTopic: createTopic,
    GetTopicAttributes: getTopicAttributes,
    ListTopics: listTopics,
    Publish: publish,
  } satisfies Handlers<typeof import('@aws-sdk/client-sns')>,
  scenario: SnsSection,
  seed,
  taggedResources: (call) => topics(call).all(),
  changeTags: (call, arn, changes) =>
    changeRowTags(topics(call), { id: arn.split(':').at(-1)!, arn }, changes),
};
