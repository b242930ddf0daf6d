import {
  DescribeEventBusCommand,
  EventBridgeClient,
  PutEventsCommand,
  type DescribeEventBusCommandOutput,
  type PutEventsCommandOutput,
  type PutEventsResultEntry,
} from '@aws-sdk/client-eventbridge';
import { BreakwaterError } from '#core/errors.ts';
import type { Json } from '#core/json.ts';
import type { CallsOf, OperationSpec } from '../operation-spec.ts';
import type { ClientConfig, ServiceSpec } from '../service-spec.ts';
import { judgeError } from '../translate-error.ts';

/** An event for a bus. */
export interface EventEntry {
  readonly source: string;
  readonly detailType: string;
  readonly detail: { readonly [key: string]: Json };
  /** ARNs. */
  readonly resources?: readonly string[];
  /**
   * Name or ARN. Default: the account's own bus. AWS takes events for a bus that does not exist, answers their ids, and
   * drops them (https://github.com/aws/aws-cli/issues/9186).
   */
  readonly eventBus?: string;
  readonly time?: Date;
}

/**
 * 1 to 10 entries (AWS refuses more); `eventIds` are in their order. AWS may take some entries and refuse others, with
 * status 200: that is an error with the code of the first refusal and `details: {failedEntries: [{index, awsError,
 * awsMessage}], eventIds}`, where the id of a refused entry is `null`. Send only the refused ones again.
 */
const putEvents: OperationSpec<
  { readonly entries: readonly EventEntry[] },
  { readonly eventIds: readonly string[] }
> = {
  makeCommand: ({ entries }) =>
    new PutEventsCommand({
      Entries: entries.map(({ source, detailType, detail, resources, eventBus, time }) => ({
        Source: source,
        DetailType: detailType,
        Detail: JSON.stringify(detail),
        Resources: resources === undefined ? undefined : [...resources],
        EventBusName: eventBus,
        Time: time,
      })),
    }),
  repeatable: false,
  paging: null,
  pick: ({ Entries = [] }: PutEventsCommandOutput) => {
    if (Entries.some(isRefused)) throw refusal(Entries);
    return { eventIds: Entries.map(({ EventId }) => EventId ?? '') };
  },
};

function isRefused({ ErrorCode }: PutEventsResultEntry): boolean {
  return ErrorCode !== undefined;
}

function refusal(entries: readonly PutEventsResultEntry[]): BreakwaterError {
  const failed = entries.flatMap(({ ErrorCode, ErrorMessage = '' }, index) =>
    ErrorCode === undefined ? [] : [{ index, awsError: ErrorCode, awsMessage: ErrorMessage }],
  );
  const { index, awsError, awsMessage } = failed[0]!;
  // Each entry is refused as a request of its own would be.
  const { code } = judgeError({ name: awsError, $metadata: { httpStatusCode: 400 } }, '');
  return new BreakwaterError(
    code,
    `events:PutEvents refused entry ${index + 1} of ${entries.length} (${failed.length} refused): ${awsError}: ${awsMessage}`,
    {
      details: {
        service: 'events',
        operation: 'putEvents',
        iamAction: 'events:PutEvents',
        failedEntries: failed,
        eventIds: entries.map(({ EventId }) => EventId ?? null),
      },
    },
  );
}

/** Throws `AwsNotFound` for a bus that does not exist. `PutEvents` does not: it takes what is sent there, and drops it. */
const describeEventBus: OperationSpec<{ readonly eventBus: string }, { readonly arn: string }> = {
  makeCommand: ({ eventBus }) => new DescribeEventBusCommand({ Name: eventBus }),
  repeatable: true,
  paging: null,
  pick: ({ Arn = '' }: DescribeEventBusCommandOutput) => ({ arn: Arn }),
};

/** What Breakwater calls of Amazon EventBridge. */
export const eventsService = {
  iamPrefix: 'events',
  newClient: (config: ClientConfig) => new EventBridgeClient(config),
  operations: { describeEventBus, putEvents },
} satisfies ServiceSpec;

export type EventsCalls = CallsOf<typeof eventsService.operations>;
