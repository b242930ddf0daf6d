import { BreakwaterError } from '#core/errors.ts';

/** A proof of identity that does not count. The reason is for the evidence; the caller is told no more than that it failed. */
export function refused(why: string): BreakwaterError {
  return new BreakwaterError('Unauthenticated', why);
}

/** Whoever could say if the proof counts cannot be asked now: no fault of the caller, so it does not slow them down. */
export function unreachable(why: string): BreakwaterError {
  return new BreakwaterError('Unauthenticated', why, { retry: 'retryable' });
}

/** Refused for what the server is, whoever asks: the caller may know why. */
export function refusedToAll(why: string): BreakwaterError {
  return new BreakwaterError('Unauthenticated', why, { details: { toAll: true } });
}
