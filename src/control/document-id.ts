import { BreakwaterError } from '#core/errors.ts';

/** What ids of documents look like: safe in a path, in a key of every store, and in a message. */
export const DOCUMENT_ID = /^[A-Za-z0-9][A-Za-z0-9 ._:-]{0,79}$/;

/** Throws `NotFound` for what cannot be an id: so there is nothing of that name. */
export function requireId(noun: string, id: string): void {
  if (!DOCUMENT_ID.test(id))
    throw new BreakwaterError('NotFound', `there is no ${noun} ${JSON.stringify(id)}`);
}

/** Throws `RequestInvalid` when a document names another id than the path it was sent to. */
export function requireSameId(field: string, given: string | undefined, id: string): void {
  if (given === undefined || given === id) return;
  throw new BreakwaterError(
    'RequestInvalid',
    `${field} is ${JSON.stringify(given)}, and the path names ${JSON.stringify(id)}`,
  );
}
