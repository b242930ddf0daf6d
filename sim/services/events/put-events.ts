import type {
  PutEventsCommandInput,
  PutEventsRequestEntry,
  PutEventsResultEntry,
} from '@aws-sdk/client-eventbridge';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';
import { keepLatest } from '#sim/services/keep-latest.ts';
import { buses, events, findBus, type BusRow } from './rows.ts';

const MOST_ENTRIES = 10;
/**
 * The limit until January 2026, when AWS raised it to 1 MiB. It is kept so that what passes here passes everywhere:
 * https://aws.amazon.com/blogs/compute/more-room-to-build-serverless-services-now-support-payloads-up-to-1-mb
 */
const MOST_BYTES = 256 * 1024;
const LONGEST_DETAIL_TYPE = 128;

/**
 * Each entry is taken or refused by itself; the answer has status 200 all the same:
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
 */
export function putEvents(call: Call, { Entries = [] }: PutEventsCommandInput) {
  if (Entries.length < 1 || Entries.length > MOST_ENTRIES) {
    throw invalid(
      `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and ${MOST_ENTRIES}`,
    );
  }
  if (Entries.reduce((sum, entry) => sum + bytesOf(entry), 0) > MOST_BYTES) {
    throw invalid('Total size of the entries in the request is over the limit.');
  }
  const results = Entries.map((entry) => putEntry(call, entry));
  const refused = results.filter(({ ErrorCode }) => ErrorCode !== undefined);
  return { FailedEntryCount: refused.length, Entries: results };
}

function invalid(message: string): ServiceError {
  return new ServiceError('ValidationException', message, { httpStatus: 400 });
}

/** As AWS counts: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevent-size. */
function bytesOf({ Time, Source = '', DetailType = '', Detail = '', Resources = [] }: PutEventsRequestEntry) {
  return (
    (Time === undefined ? 0 : 14) + Buffer.byteLength([Source, DetailType, Detail, ...Resources].join(''))
  );
}

/**
 * An entry for a bus that does not exist is answered with an id and dropped, as AWS does:
 * https://github.com/aws/aws-cli/issues/9186
 */
function putEntry(call: Call, entry: PutEventsRequestEntry): PutEventsResultEntry {
  const { Source = '', DetailType = '', Detail = '', EventBusName, Resources = [], Time } = entry;
  const wrong = missingPart(entry) ?? badPart(entry);
  if (wrong !== null) return wrong;
  const bus = findBus(call, EventBusName);
  if (bus !== undefined && takesRefusal(call, bus)) {
    return refuse(bus.refuses!, 'The scenario makes this entry fail.');
  }
  const id = call.world.newId('', 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  keepLatest(events(call), {
    id,
    bus: bus?.name ?? EventBusName!,
    dropped: bus === undefined,
    source: Source,
    detailType: DetailType,
    detail: Detail,
    resources: Resources,
    time: Time?.getTime() ?? call.now,
    putAt: call.now,
  });
  return { EventId: id };
}

function missingPart(entry: PutEventsRequestEntry): PutEventsResultEntry | null {
  const missing = (['Source', 'DetailType', 'Detail'] as const).find((part) => !entry[part]);
  if (missing === undefined) return null;
  return refuse(
    'InvalidArgument',
    `Parameter ${missing} is not valid. Reason: ${missing} is a required argument.`,
  );
}

function badPart({ Source = '', DetailType = '', Detail = '' }: PutEventsRequestEntry) {
  if (Source.startsWith('aws.')) {
    return refuse('NotAuthorizedForSourceException', 'Not authorized for the source.');
  }
  if (DetailType.length > LONGEST_DETAIL_TYPE) {
    return refuse(
      'InvalidArgument',
      `Parameter DetailType is not valid. Reason: It has more than ${LONGEST_DETAIL_TYPE} characters.`,
    );
  }
  return isObject(Detail) ? null : refuse('MalformedDetail', 'Detail is malformed.');
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function takesRefusal(call: Call, bus: BusRow): boolean {
  if (bus.refuses === null || bus.refusalsLeft === 0) return false;
  if (bus.refusalsLeft !== null) buses(call).put(bus.name, { ...bus, refusalsLeft: bus.refusalsLeft - 1 });
  return true;
}

function refuse(code: string, message: string): PutEventsResultEntry {
  return { ErrorCode: code, ErrorMessage: message };
}
