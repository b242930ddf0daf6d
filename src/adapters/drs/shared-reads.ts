import type { OperationContext } from '../contract.ts';

/** No longer than DRS itself takes to show a change in a list. */
const FRESH_MS = 5_000;

interface SharedRead {
  readonly since: number;
  readonly answer: Promise<unknown>;
}

/** By the door of an account and Region to DRS, then by the name of what is read. */
const reads = new WeakMap<object, Map<string, SharedRead>>();

/**
 * One answer for all that read the same of an account and Region within a few seconds: a plan of a thousand waves is
 * assessed with one look at the estate, and a wave is started on the look that it was assessed with. Not for what decides
 * whether something may be launched twice. A failed read is not shared with those that come later.
 */
export function shareRead<T>(
  { now }: Pick<OperationContext, 'now'>,
  { door, name, read }: { readonly door: object; readonly name: string; readonly read: () => Promise<T> },
): Promise<T> {
  const known = reads.get(door) ?? new Map<string, SharedRead>();
  reads.set(door, known);
  const earlier = known.get(name);
  if (earlier !== undefined && now() - earlier.since < FRESH_MS) return earlier.answer as Promise<T>;
  const answer = read();
  const shared = { since: now(), answer };
  known.set(name, shared);
  answer.catch(() => {
    if (known.get(name) === shared) known.delete(name);
  });
  return answer;
}
