import { BreakwaterError } from '#core/errors.ts';
import { nearestName } from '#core/nearest-name.ts';
import type { Operation } from './contract.ts';

/** Finds operations among these. What it answers throws `OperationUnknown`, which names all there are and the one that may be meant. */
export function finderAmong(
  operations: readonly Operation[],
): (type: string, operation: string) => Operation {
  const byName = new Map(operations.map((one) => [`${one.technology}/${one.operation}`, one]));
  return (type, operation) => {
    const name = `${type}/${operation}`;
    const found = byName.get(name);
    if (found !== undefined) return found;
    const names = [...byName.keys()];
    const nearest = nearestName(name, names);
    const meant = nearest === null ? '' : `; did you mean ${nearest}?`;
    throw new BreakwaterError(
      'OperationUnknown',
      `there is no operation ${name}; there are ${names.join(', ')}${meant}`,
      { details: { name, known: names, nearest } },
    );
  };
}
