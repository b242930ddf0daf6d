import type {
  PutEventsCommandInput,
  PutEventsRequestEntry,
  PutEventsResultEntry,
} from '@aws-sdk/client-eventbridge';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';
import { buses, events, findBus, type BusRow } from './rows.ts';

const MOST_ENTRIES = 10;

/** Each entry is taken or refused by itself; the answer has status 200 all the same. */
export function putEvents(call: Call, { Entries = [] }: PutEventsCommandInput) {
  if (Entries.length < 1 || Entries.length > MOST_ENTRIES) {
    throw new ServiceError(
      'ValidationException',
      `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and ${MOST_ENTRIES}`,
      { httpStatus: 400 },
    );
  }
  const results = Entries.map((entry) => putEntry(call, entry));
  const refused = results.filter(({ ErrorCode }) => ErrorCode !== undefined);
  return { FailedEntryCount: refused.length, Entries: results };
}

function putEntry(call: Call, entry: PutEventsRequestEntry): PutEventsResultEntry {
  const { Source = '', DetailType = '', Detail = '', EventBusName, Resources = [], Time } = entry;
  const wrong = missingPart(entry) ?? badPart(Source, Detail);
  if (wrong !== null) return wrong;
  const bus = findBus(call, EventBusName);
  if (bus === undefined) {
    return refuse('ResourceNotFoundException', `Event bus ${EventBusName} does not exist.`);
  }
  if (takesRefusal(call, bus)) return refuse(bus.refuses!, 'The scenario makes this entry fail.');
  const id = call.world.newId('', 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  events(call).put(id, {
    id,
    bus: bus.name,
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

function badPart(source: string, detail: string): PutEventsResultEntry | null {
  if (source.startsWith('aws.')) {
    return refuse('NotAuthorizedForSourceException', 'Not authorized for the source.');
  }
  return isObject(detail) ? null : refuse('MalformedDetail', 'Detail is malformed.');
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
