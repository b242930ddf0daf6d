import type { OperationContext } from '../contract.ts';

/** The longest comment that SendCommand takes. */
const LONGEST = 100;

/**
 * The comment of a command, by which it is found again when its answer was lost: execution, wave, technology, attempt, place of the
 * script in the list, number of the chunk. What follows is for people.
 */
export function commentOf(
  { executionId, waveNumber, technologyIndex, attempt }: OperationContext,
  { scriptIndex, chunk }: { readonly scriptIndex: number; readonly chunk: number },
): string {
  return `breakwater ${executionId.slice(-50)} w${waveNumber} t${technologyIndex} a${attempt} s${scriptIndex} c${chunk} `;
}

/** The comment with the script's name, as far as there is room. */
export function withName(comment: string, name: string): string {
  return `${comment}${name}`.slice(0, LONGEST);
}
