import { ServiceError } from '#sim/kernel/contract.ts';
import { cutPage } from '#sim/services/paging.ts';
import { validationError } from './rows.ts';

/** `MaxResults` is 1 to 50, and 50 when it is left out. */
export function page<T>(
  rows: readonly T[],
  input: { readonly MaxResults?: number | undefined; readonly NextToken?: string | undefined },
): { items: T[]; next: string | undefined } {
  const size = input.MaxResults ?? 50;
  if (size < 1 || size > 50) {
    throw validationError(
      `Value '${size}' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 50`,
    );
  }
  const cut = cutPage(rows, { token: input.NextToken, size });
  if (cut === null) throw new ServiceError('InvalidNextToken', 'The specified token is not valid.');
  return cut;
}
