import { canonicalJson } from './canonical-json.ts';
import type { JsonObject } from './json.ts';

/** One record of the audit trail. Sequence numbers count from 1 without gaps. */
export interface AuditRecord {
  readonly sequence: number;
  /** ISO 8601, real time. */
  readonly at: string;
  readonly action: string;
  readonly by: string;
  readonly target: string;
  readonly executionId?: string;
  readonly requestId?: string;
  readonly data: JsonObject;
}

/**
 * A record's place in the chain: `hash` is the hash of the link before and of the record. Who holds the last hash holds
 * them all: no record before it can be changed, left out or put in without every later hash changing.
 */
export interface AuditLink {
  readonly sequence: number;
  readonly recordHash: string;
  readonly hash: string;
}

export interface ChainedRecord extends AuditLink {
  readonly record: AuditRecord;
}

/** A link of a bundle; others' records are only there by their hashes. */
export type BundleLink = AuditLink & { readonly record?: AuditRecord };

/** SHA-256 of a text, in hexadecimal digits. */
export type Hash = (text: string) => string;

export interface BrokenLink {
  readonly sequence: number;
  readonly why: 'record changed' | 'record missing' | 'link changed' | 'head does not match';
}

/** The hash before the first link: it ties the chain to one server. */
export function genesisHash(serverId: string, hash: Hash): string {
  return hash(`breakwater audit trail of ${serverId}`);
}

/** Chains a record behind a hash. */
export function chain(record: AuditRecord, previous: string, hash: Hash): ChainedRecord {
  const recordHash = hash(canonicalJson(record));
  return { sequence: record.sequence, recordHash, hash: hash(previous + recordHash), record };
}

/** What is wrong with a link that should stand at `sequence` behind `previous`; `null`: nothing. */
export function checkLink(
  link: BundleLink,
  { sequence, previous, hash }: { sequence: number; previous: string; hash: Hash },
): BrokenLink | null {
  const { record } = link;
  if (link.sequence !== sequence) return { sequence, why: 'record missing' };
  if (
    record !== undefined &&
    (record.sequence !== sequence || hash(canonicalJson(record)) !== link.recordHash)
  )
    return { sequence, why: 'record changed' };
  return hash(previous + link.recordHash) === link.hash ? null : { sequence, why: 'link changed' };
}

/**
 * Checks the links of a bundle: an unbroken piece of the chain, from behind `previous` to `last`. Answers the first broken link, or
 * `null`.
 */
export function checkLinks(
  links: readonly BundleLink[],
  { first, previous, last, hash }: { first: number; previous: string; last: AuditLink; hash: Hash },
): BrokenLink | null {
  let before = previous;
  for (const [index, link] of links.entries()) {
    const broken = checkLink(link, { sequence: first + index, previous: before, hash });
    if (broken !== null) return broken;
    before = link.hash;
  }
  const sequence = first + links.length - 1;
  return last.sequence === sequence && last.hash === before ? null : { sequence, why: 'head does not match' };
}
