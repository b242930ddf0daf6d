import {
  CreateTopicCommand,
  GetTopicAttributesCommand,
  InvalidParameterException,
  InvalidParameterValueException,
  ListTopicsCommand,
  NotFoundException,
  PublishCommand,
  SNSClient,
  type MessageAttributeValue,
} from '@aws-sdk/client-sns';
import { describe, expect, test } from 'vitest';
import { ACCOUNT, START } from '../testing.ts';
import { wireWorld } from '../wire-testing.ts';
import { messages } from './rows.ts';

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

test('a topic says whose it is, and that nobody has subscribed', async () => {
  const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
  expect(Attributes).toEqual({
    TopicArn,
    Owner: ACCOUNT,
    DisplayName: '',
    SubscriptionsConfirmed: '0',
    SubscriptionsPending: '0',
    SubscriptionsDeleted: '0',
  });
  const unknown = sns.send(new GetTopicAttributesCommand({ TopicArn: `${TopicArn}-none` }));
  await expect(unknown).rejects.toBeInstanceOf(NotFoundException);
});

test('an unknown topic, also one of another account, is not found', async () => {
  for (const arn of [`${TopicArn}-none`, TopicArn.replace(ACCOUNT, '444455556666')]) {
    const refused = sns.send(new PublishCommand({ TopicArn: arn, Message: 'x' }));
    await expect(refused).rejects.toBeInstanceOf(NotFoundException);
    await expect(refused).rejects.toThrow('Topic does not exist');
  }
});

test('what the rules allow is taken: a target ARN, a subject in any script, the largest message', async () => {
  for (const input of [
    { TargetArn: TopicArn, Message: 'x' },
    { TopicArn, Message: 'x', Subject: `Übung ${'x'.repeat(94)}` },
    { TopicArn, Message: 'x'.repeat(262_144) },
  ]) {
    expect((await sns.send(new PublishCommand(input))).MessageId).toHaveLength(36);
  }
});

test.each([
  { name: 'an empty message', input: { TopicArn, Message: '' }, says: 'Empty message' },
  { name: 'no message', input: { TopicArn, Message: undefined }, says: "Value null at 'Message'" },
  {
    name: 'a message over 256 KiB',
    input: { TopicArn, Message: 'ä'.repeat(131_073) },
    says: 'Message too long',
  },
  {
    name: 'a message over 256 KiB with its attributes',
    input: {
      TopicArn,
      Message: 'x'.repeat(262_134),
      MessageAttributes: { mode: { DataType: 'String', StringValue: 'd' } },
    },
    says: 'Message too long',
  },
  { name: 'a subject of two lines', input: { TopicArn, Message: 'x', Subject: 'a\nb' }, says: 'Subject' },
  { name: 'an empty subject', input: { TopicArn, Message: 'x', Subject: '' }, says: 'Subject' },
  {
    name: 'a subject of 101 characters',
    input: { TopicArn, Message: 'x', Subject: 'x'.repeat(101) },
    says: 'Subject',
  },
  { name: 'no topic', input: { Message: 'x' }, says: 'TopicArn or TargetArn Reason: no value' },
  {
    name: 'a name in the place of an ARN',
    input: { TopicArn: 'dr-notices', Message: 'x' },
    says: 'TopicArn Reason: An ARN must have at least 6 elements, not 1',
  },
  {
    name: 'a topic of another Region',
    input: { TopicArn: TopicArn.replace('eu-west-1', 'eu-central-1'), Message: 'x' },
    says: 'Invalid parameter: TopicArn',
  },
])('$name is refused', async ({ input, says }) => {
  const refused = sns.send(new PublishCommand(input));
  await expect(refused).rejects.toBeInstanceOf(InvalidParameterException);
  await expect(refused).rejects.toThrow(says);
});

describe('message attributes', () => {
  const publish = (MessageAttributes: Record<string, MessageAttributeValue>) =>
    sns.send(new PublishCommand({ TopicArn, Message: 'x', MessageAttributes }));

  test('of every type are kept, binary ones as base64', async () => {
    const { MessageId = '' } = await publish({
      'wave.no_1-a': { DataType: 'Number', StringValue: '-1.5e3' },
      tiers: { DataType: 'String.Array', StringValue: '["web","db"]' },
      digest: { DataType: 'Binary', BinaryValue: Buffer.from('ab') },
    });
    const scope = { world: sim.simulation.world, accountId: ACCOUNT, region: 'eu-west-1' };
    expect(messages(scope).get(MessageId)!.attributes).toEqual({
      'wave.no_1-a': '-1.5e3',
      tiers: '["web","db"]',
      digest: 'YWI=',
    });
  });

  const text = { DataType: 'String', StringValue: 'x' };
  test.each([
    { name: 'a space in the name', given: { 'a b': text }, says: "attribute name 'a b'" },
    { name: 'a dot at the start of the name', given: { '.a': text }, says: "attribute name '.a'" },
    { name: 'a dot at the end of the name', given: { 'a.': text }, says: "attribute name 'a.'" },
    { name: 'two dots in succession', given: { 'a..b': text }, says: "attribute name 'a..b'" },
    { name: 'a name of 257 characters', given: { ['a'.repeat(257)]: text }, says: 'attribute name' },
    { name: 'a reserved name', given: { 'aws.mode': text }, says: 'prefix that is reserved' },
    {
      name: 'an unknown type',
      given: { a: { ...text, DataType: 'Stringy' } },
      says: 'invalid message attribute type',
    },
    {
      name: 'an empty value',
      given: { a: { ...text, StringValue: '' } },
      says: "must contain non-empty message attribute value for message attribute type 'String'",
    },
    {
      name: 'a binary type with a text',
      given: { a: { ...text, DataType: 'Binary' } },
      says: 'must contain non-empty message attribute value',
    },
    {
      name: 'a number that is none',
      given: { a: { DataType: 'Number', StringValue: 'one' } },
      says: "Could not cast message attribute 'a' value to number",
    },
  ])('$name is refused', async ({ given, says }) => {
    const refused = publish(given);
    await expect(refused).rejects.toBeInstanceOf(InvalidParameterValueException);
    await expect(refused).rejects.toThrow(says);
  });
});
