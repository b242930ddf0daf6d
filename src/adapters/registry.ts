import { BreakwaterError } from '#core/errors.ts';
import { nearestName } from '#core/nearest-name.ts';
import type { Operation } from './contract.ts';
import { scripts } from './application/scripts.ts';
import { failover } from './database/failover.ts';
import { recovery } from './drs/recovery.ts';
import { terminate } from './drs/terminate.ts';
import { dnsUpdate } from './infrastructure/dns-update.ts';
import { targetRegistration } from './infrastructure/target-registration.ts';

/** Every operation that a plan can name. A new adapter is a folder and its lines here. */
export const OPERATIONS: readonly Operation[] = [
  recovery,
  terminate,
  failover,
  scripts,
  dnsUpdate,
  targetRegistration,
];

const BY_NAME = new Map(OPERATIONS.map((operation) => [nameOf(operation), operation]));

/** The operation of a technology. Throws `OperationUnknown`, which names all there are and the one that may be meant. */
export function findOperation(type: string, operation: string): Operation {
  const name = `${type}/${operation}`;
  const found = BY_NAME.get(name);
  if (found !== undefined) return found;
  const names = [...BY_NAME.keys()];
  const nearest = nearestName(name, names);
  const meant = nearest === null ? '' : `; did you mean ${nearest}?`;
  throw new BreakwaterError(
    'OperationUnknown',
    `there is no operation ${name}; there are ${names.join(', ')}${meant}`,
    { details: { name, known: names, nearest } },
  );
}

function nameOf({ technology, operation }: Pick<Operation, 'technology' | 'operation'>): string {
  return `${technology}/${operation}`;
}
