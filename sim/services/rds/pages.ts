import { ServiceError } from '#sim/kernel/contract.ts';
import { cutPage } from '#sim/services/paging.ts';

/** `MaxRecords` is 20 to 100, and 100 when it is left out. */
export function page<T>(
  rows: readonly T[],
  input: { readonly MaxRecords?: number | undefined; readonly Marker?: string | undefined },
): { items: T[]; marker: string | undefined } {
  const size = input.MaxRecords ?? 100;
  if (size < 20 || size > 100) {
    throw invalidValue(`Invalid value ${size} for MaxRecords. Must be between 20 and 100`);
  }
  const cut = cutPage(rows, { token: input.Marker, size });
  if (cut === null) throw invalidValue('The marker provided is invalid');
  return { items: cut.items, marker: cut.next };
}

/** Keeps the rows that match every filter; within a filter any value may match. */
export function filterRows<R>(
  rows: readonly R[],
  filters:
    | readonly { readonly Name?: string | undefined; readonly Values?: readonly string[] | undefined }[]
    | undefined,
  known: Readonly<Record<string, (row: R) => readonly (string | null)[]>>,
): R[] {
  return (filters ?? []).reduce<R[]>(
    (left, { Name = '', Values = [] }) => {
      const read = known[Name];
      if (read === undefined) throw invalidValue(`Unrecognized filter name: ${Name}`);
      return left.filter((row) => read(row).some((value) => value !== null && Values.includes(value)));
    },
    [...rows],
  );
}

function invalidValue(message: string): ServiceError {
  return new ServiceError('InvalidParameterValue', message, { httpStatus: 400 });
}
