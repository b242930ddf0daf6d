import type { ChangeInfo, GetChangeCommandInput } from '@aws-sdk/client-route-53';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';
import { bareId, changes, type ChangeRow, type ZoneRow } from './rows.ts';

/** INSYNC after 30 to 60 seconds; 35 were observed. */
export function recordChange(
  call: Call,
  { zone, comment, changes: list }: { zone: ZoneRow; comment: string | null; changes: ChangeRow['changes'] },
): ChangeRow {
  const id = call.world.newId('C', 20).toUpperCase();
  const drawn = Math.min(60, Math.max(30, call.world.random(`route53.insync/${id}`).lognormal(35, 0.15)));
  const change: ChangeRow = {
    id,
    zoneId: zone.id,
    comment,
    changes: list,
    submittedAt: call.now,
    insyncAt: call.now + Math.round((zone.insyncSeconds ?? drawn) * 1_000),
  };
  changes(call).put(id, change);
  return change;
}

export function getChange(call: Call, input: GetChangeCommandInput) {
  const change = changes(call).get(bareId(input.Id));
  if (change === undefined) {
    throw new ServiceError('NoSuchChange', `Could not find resource with ID: ${bareId(input.Id)}`);
  }
  return { ChangeInfo: changeView(change, call.now) };
}

export function changeView(change: ChangeRow, now: number): ChangeInfo {
  return {
    Id: `/change/${change.id}`,
    Status: now < change.insyncAt ? 'PENDING' : 'INSYNC',
    SubmittedAt: new Date(change.submittedAt),
    Comment: change.comment ?? undefined,
  };
}
