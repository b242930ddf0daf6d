import {
  CreateTopicCommand,
  InvalidParameterException,
  ListTopicsCommand,
  NotFoundException,
  PublishCommand,
  SNSClient,
} from '@aws-sdk/client-sns';
import { expect, test } from 'vitest';
import { ACCOUNT, START } from '../testing.ts';
import { wireWorld } from '../wire-testing.ts';

const sim = wireWorld({ regions: { 'eu-west-1': { sns: { topics: [{ name: 'dr-notices' }] } } } });
const sns = new SNSClient(sim.client());
const TopicArn = `arn:aws:sns:eu-west-1:${ACCOUNT}:dr-notices`;

test('a message is kept with its subject and attributes', async () => {
  const { MessageId } = await sns.send(
    new PublishCommand({
      TopicArn,
      Subject: 'Wave 1',
      Message: '<done> & well',
      MessageAttributes: {
        mode: { DataType: 'String', StringValue: 'drill' },
        wave: { DataType: 'String', StringValue: '1' },
      },
    }),
  );
  expect(MessageId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
  expect(
    sim.simulation.world.table({ accountId: ACCOUNT, region: 'eu-west-1' }, 'sns.messages').all(),
  ).toEqual([
    {
      id: MessageId,
      topicArn: TopicArn,
      subject: 'Wave 1',
      message: '<done> & well',
      attributes: { mode: 'drill', wave: '1' },
      publishedAt: START,
    },
  ]);
});

test('a topic is made once, and listed', async () => {
  const first = await sns.send(new CreateTopicCommand({ Name: 'more' }));
  expect(first.TopicArn).toBe(`arn:aws:sns:eu-west-1:${ACCOUNT}:more`);
  await sns.send(new CreateTopicCommand({ Name: 'more' }));
  expect((await sns.send(new ListTopicsCommand({}))).Topics).toEqual([
    { TopicArn },
    { TopicArn: first.TopicArn },
  ]);
});

test('an unknown topic, also one of another Region, is not found', async () => {
  const other = TopicArn.replace('eu-west-1', 'eu-central-1');
  for (const arn of [`${TopicArn}-none`, other]) {
    const refused = sns.send(new PublishCommand({ TopicArn: arn, Message: 'x' }));
    await expect(refused).rejects.toBeInstanceOf(NotFoundException);
    await expect(refused).rejects.toThrow('Topic does not exist');
  }
});

test.each([
  { name: 'an empty message', input: { TopicArn, Message: '' } },
  { name: 'a message over 256 KiB', input: { TopicArn, Message: 'x'.repeat(262_145) } },
  { name: 'a subject of two lines', input: { TopicArn, Message: 'x', Subject: 'a\nb' } },
  { name: 'no topic', input: { Message: 'x' } },
  {
    name: 'an attribute without a value',
    input: { TopicArn, Message: 'x', MessageAttributes: { a: { DataType: 'String', StringValue: '' } } },
  },
])('$name is refused', async ({ input }) => {
  await expect(sns.send(new PublishCommand(input))).rejects.toBeInstanceOf(InvalidParameterException);
});
