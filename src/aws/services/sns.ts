import { SNSClient, PublishCommand, type PublishCommandOutput } from '@aws-sdk/client-sns';
import type { CallsOf, OperationSpec } from '../operation-spec.ts';
import type { ClientConfig, ServiceSpec } from '../service-spec.ts';

/** What goes out to the subscribers of a topic. */
export interface Notification {
  readonly topicArn: string;
  /** For subscribers by mail: at most 100 printable ASCII characters, no line breaks. */
  readonly subject?: string;
  /** At most 256 KiB. */
  readonly message: string;
  /** What subscriptions filter by; values may not be empty. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Publishing twice sends twice: a standard topic takes no token. */
const publish: OperationSpec<Notification, { readonly messageId: string }> = {
  makeCommand: ({ topicArn, subject, message, attributes = {} }) =>
    new PublishCommand({
      TopicArn: topicArn,
      Subject: subject,
      Message: message,
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
      ),
    }),
  repeatable: false,
  paging: null,
  pick: (output: PublishCommandOutput) => ({ messageId: output.MessageId ?? '' }),
};

/** What Breakwater calls of Amazon SNS. */
export const snsService = {
  iamPrefix: 'sns',
  newClient: (config: ClientConfig) => new SNSClient(config),
  operations: { publish },
} satisfies ServiceSpec;

export type SnsCalls = CallsOf<typeof snsService.operations>;
