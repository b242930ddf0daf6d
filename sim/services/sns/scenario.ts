import { z } from 'zod';
import type { Call } from '#sim/kernel/contract.ts';
import { distinct } from '#sim/services/distinct.ts';
import { arnOf, topics } from './rows.ts';
import { TOPIC_NAME } from './topics.ts';

const Topic = z.strictObject({
  name: z.string().regex(TOPIC_NAME, 'expected letters, digits, dash and underscore, at most 256'),
  tags: z.record(z.string(), z.string()).default({}),
});

/** `accounts[].regions.<region>.sns`. */
export const SnsSection = z.strictObject({ topics: distinct(Topic, 'name') });

export function seed(call: Call, section: z.infer<typeof SnsSection>): void {
  for (const topic of section.topics) {
    topics(call).put(topic.name, { ...topic, arn: arnOf(call, topic.name) });
  }
}
