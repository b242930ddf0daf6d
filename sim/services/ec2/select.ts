import type { Call } from '#sim/kernel/contract.ts';
import { ec2Error } from './errors.ts';
import { isVisible } from './instances.ts';
import { instances, type InstanceRow } from './rows.ts';

/**
 * The rows of these ids, of all visible instances without ids. One id that is wrong fails the call:
 * `InvalidInstanceID.Malformed` or `InvalidInstanceID.NotFound`.
 */
export function selectRows(call: Call, ids: readonly string[] | undefined): InstanceRow[] {
  const table = instances(call);
  if (ids === undefined || ids.length === 0) return table.all().filter((row) => isVisible(row, call.now));
  const malformed = ids.find((id) => !/^i-[0-9a-f]{8}([0-9a-f]{9})?$/.test(id) && !table.has(id));
  if (malformed !== undefined) throw ec2Error('InvalidInstanceID.Malformed', `Invalid id: "${malformed}"`);
  const unique = [...new Set(ids)];
  const found = unique.flatMap((id) => table.get(id) ?? []).filter((row) => isVisible(row, call.now));
  if (found.length < unique.length) {
    const known = new Set(found.map(({ id }) => id));
    throw missing(unique.filter((id) => !known.has(id)));
  }
  return found;
}

/** For operations that need at least one id. */
export function requireIds(ids: readonly string[] | undefined): string[] {
  if (ids === undefined || ids.length === 0) {
    throw ec2Error('MissingParameter', 'The request must contain the parameter InstanceId');
  }
  return [...new Set(ids)];
}

function missing(ids: readonly string[]): Error {
  const message =
    ids.length === 1
      ? `The instance ID '${ids[0]}' does not exist`
      : `The instance IDs '${ids.join(', ')}' do not exist`;
  return ec2Error('InvalidInstanceID.NotFound', message);
}
