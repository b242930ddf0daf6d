import { ServiceError, type Call, type Scope } from '#sim/kernel/contract.ts';
import type { Table } from '#sim/kernel/world.ts';

export type Scoped = Scope & Pick<Call, 'world'>;

export interface TopicRow {
  readonly name: string;
  readonly arn: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** One message that was taken, for whoever looks what went out. Kept for ever. */
export interface MessageRow {
  readonly id: string;
  readonly topicArn: string;
  readonly subject: string | null;
  readonly message: string;
  /** Values of type String. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly publishedAt: number;
}

export const topics = (scope: Scoped): Table<TopicRow> => scope.world.table(scope, 'sns.topics');
export const messages = (scope: Scoped): Table<MessageRow> => scope.world.table(scope, 'sns.messages');

export function arnOf({ region, accountId }: Scope, name: string): string {
  return `arn:aws:sns:${region}:${accountId}:${name}`;
}

/** The topic of the caller's account and Region with this ARN, or `NotFoundException`. */
export function getTopic(scope: Scoped, arn: string): TopicRow {
  const row = topics(scope).get(arn.slice(arn.lastIndexOf(':') + 1));
  if (row === undefined || row.arn !== arn)
    throw new ServiceError('NotFoundException', 'Topic does not exist');
  return row;
}

export function invalid(what: string): ServiceError {
  return new ServiceError('InvalidParameterException', `Invalid parameter: ${what}`);
}
