import type { ChangeResourceRecordSetsCommandInput } from '@aws-sdk/client-route-53';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';
import { applyChanges } from './apply-changes.ts';
import { changeView, recordChange } from './changes.ts';
import { normalName } from './names.ts';
import { getZone, records, zones, type ZoneRow } from './rows.ts';

type Batch = NonNullable<ChangeResourceRecordSetsCommandInput['ChangeBatch']>;

const LARGEST_BATCH = 1_000;
const LARGEST_RDATA = 32_000;
/** How long a zone takes to accept a change; another one that arrives in this time is refused. Assumed. */
const ACCEPTING_MS = 200;

/** All changes of a batch or none. Takes effect at once in listings, and INSYNC 30 to 60 seconds later. */
export function changeResourceRecordSets(call: Call, input: ChangeResourceRecordSetsCommandInput) {
  const zone = getZone(call, input.HostedZoneId);
  const batch: Batch = input.ChangeBatch ?? { Changes: [] };
  assertNotBusy(call, zone);
  assertSize(batch);
  const { next, messages } = applyChanges(call, zone, batch.Changes ?? []);
  if (messages.length > 0) throw invalidBatch(messages);
  const table = records(call, zone.id);
  for (const [key, record] of next) {
    if (record === null) table.remove(key);
    else table.put(key, record);
  }
  zones(call).patch(zone.id, { busyUntil: call.now + ACCEPTING_MS });
  const change = recordChange(call, {
    zone,
    comment: batch.Comment ?? null,
    changes: (batch.Changes ?? []).map(({ Action, ResourceRecordSet }) => ({
      action: Action ?? '',
      name: normalName(ResourceRecordSet?.Name ?? ''),
      type: ResourceRecordSet?.Type ?? '',
    })),
  });
  return { ChangeInfo: changeView(change, call.now) };
}

function assertNotBusy(call: Call, zone: ZoneRow): void {
  if (call.now >= zone.busyUntil) return;
  throw new ServiceError(
    'PriorRequestNotComplete',
    'The request was rejected because Route 53 was still processing a prior request.',
  );
}

/** An UPSERT counts twice. */
function assertSize({ Changes = [] }: Batch): void {
  if (Changes.length === 0)
    throw new ServiceError('InvalidInput', 'Invalid request: a change batch needs at least one change');
  let count = 0;
  let characters = 0;
  for (const { Action, ResourceRecordSet } of Changes) {
    const values = ResourceRecordSet?.ResourceRecords ?? [];
    const weight = Action === 'UPSERT' ? 2 : 1;
    count += weight * Math.max(values.length, 1);
    characters += weight * values.reduce((sum, { Value = '' }) => sum + Value.length, 0);
  }
  if (count > LARGEST_BATCH) throw invalidBatch([`Number of records limit of ${LARGEST_BATCH} exceeded.`]);
  if (characters > LARGEST_RDATA) {
    throw invalidBatch([`Number of characters in RDATA limit of ${LARGEST_RDATA} exceeded.`]);
  }
}

function invalidBatch(messages: readonly string[]): ServiceError {
  return new ServiceError('InvalidChangeBatch', `[${messages.join(', ')}]`, { messages });
}
