import { ServiceError, type Call, type Scope } from '#sim/kernel/contract.ts';
import type { Table } from '#sim/kernel/world.ts';

export type Scoped = Scope & Pick<Call, 'world'>;

export interface TopicRow {
  readonly name: string;
  readonly arn: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** One message that was taken, for whoever looks what went out. */
export interface MessageRow {
  readonly id: string;
  readonly topicArn: string;
  readonly subject: string | null;
  readonly message: string;
  /** Binary values as base64. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly publishedAt: number;
}

export const topics = (scope: Scoped): Table<TopicRow> => scope.world.table(scope, 'sns.topics');
/** The latest of the account and Region (`KEPT_ROWS`), oldest first. */
export const messages = (scope: Scoped): Table<MessageRow> => scope.world.table(scope, 'sns.messages');

export function arnOf({ region, accountId }: Scope, name: string): string {
  return `arn:aws:sns:${region}:${accountId}:${name}`;
}

/**
 * The topic of the caller's account and Region with this ARN, or `NotFoundException`. Topics can be reached in their own
 * Region alone: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html.
 */
export function getTopic(scope: Scoped, arn: string): TopicRow {
  const parts = arn.split(':');
  if (parts.length < 6) {
    throw invalid(`TopicArn Reason: An ARN must have at least 6 elements, not ${parts.length}`);
  }
  if (parts[3] !== scope.region) throw invalid('TopicArn');
  const row = topics(scope).get(parts[5]!);
  if (row === undefined || row.arn !== arn)
    throw new ServiceError('NotFoundException', 'Topic does not exist');
  return row;
}

export function invalid(what: string): ServiceError {
  return new ServiceError('InvalidParameterException', `Invalid parameter: ${what}`);
}
