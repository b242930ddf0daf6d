import { ServiceError } from '#sim/kernel/contract.ts';
import { cutPage } from '#sim/services/paging.ts';

/** `PageSize` is 1 to 400, and 400 when it is left out. */
export function page<T>(
  rows: readonly T[],
  input: { readonly PageSize?: number | undefined; readonly Marker?: string | undefined },
): { items: T[]; marker: string | undefined } {
  const size = input.PageSize ?? 400;
  const cut = size < 1 || size > 400 ? null : cutPage(rows, { token: input.Marker, size });
  if (cut === null) throw validationError(`Page size ${size} or marker '${input.Marker ?? ''}' is not valid`);
  return { items: cut.items, marker: cut.next };
}

export function validationError(message: string): ServiceError {
  return new ServiceError('ValidationError', message, { httpStatus: 400 });
}
