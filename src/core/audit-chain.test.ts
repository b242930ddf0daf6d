import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  chain,
  checkLinks,
  genesisHash,
  type AuditRecord,
  type BundleLink,
  type ChainedRecord,
} from './audit-chain.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const genesis = genesisHash('server-1', hash);

function chainOf(count: number): ChainedRecord[] {
  const links: ChainedRecord[] = [];
  for (let sequence = 1; sequence <= count; sequence++) {
    const record: AuditRecord = {
      sequence,
      at: '2026-03-01T00:00:00Z',
      action: 'plan.update',
      by: 'token:a',
      target: 'plan/p',
      data: { n: sequence },
    };
    links.push(chain(record, links.at(-1)?.hash ?? genesis, hash));
  }
  return links;
}

const check = (
  links: readonly BundleLink[],
  last: BundleLink = links.at(-1)!,
  previous = genesis,
  first = 1,
) => checkLinks(links, { first, previous, last, hash });

test('an untouched chain has no broken link, also when others’ records are there by their hashes alone', () => {
  const links = chainOf(5);
  expect(check(links)).toBeNull();
  expect(check(links.map(({ record: _, ...link }) => link))).toBeNull();
});

test('a piece of the chain proves itself from the hash before it', () => {
  const links = chainOf(6);
  expect(check(links.slice(2, 5), links[4], links[1]!.hash, 3)).toBeNull();
});

test('a changed record, a missing one, a changed link and a cut tail are named where they are', () => {
  const links = chainOf(4);
  const changed = links.with(1, { ...links[1]!, record: { ...links[1]!.record, by: 'token:b' } });
  expect(check(changed)).toEqual({ sequence: 2, why: 'record changed' });
  const renumbered = links.with(2, { ...links[2]!, record: { ...links[2]!.record, sequence: 9 } });
  expect(check(renumbered)).toEqual({ sequence: 3, why: 'record changed' });
  expect(check(links.toSpliced(1, 1))).toEqual({ sequence: 2, why: 'record missing' });
  expect(check(links.with(3, { ...links[3]!, hash: hash('x') }))).toEqual({
    sequence: 4,
    why: 'link changed',
  });
  expect(check(links.slice(0, 3), links[3])).toEqual({ sequence: 3, why: 'head does not match' });
});

test('a chain that was made anew from a changed record on does not end in the known hash', () => {
  const links = chainOf(3);
  const forged = [links[0]!];
  for (const { record } of links.slice(1))
    forged.push(chain({ ...record, by: 'token:b' }, forged.at(-1)!.hash, hash));
  expect(check(forged, links[2])).toEqual({ sequence: 3, why: 'head does not match' });
});

test('any single change to any member of any link is found', () => {
  const links = chainOf(8);
  const members = ['sequence', 'recordHash', 'hash', 'action', 'by', 'target', 'at', 'data'] as const;
  fc.assert(
    fc.property(
      fc.nat(7),
      fc.constantFrom(...members),
      fc.string({ minLength: 1 }),
      (index, member, text) => {
        const link = links[index]!;
        const value = member === 'sequence' ? link.sequence + text.length : text;
        const touched =
          member in link
            ? { ...link, [member]: value }
            : { ...link, record: { ...link.record, [member]: member === 'data' ? { text } : value } };
        expect(check(links.with(index, touched), links.at(-1))).not.toBeNull();
      },
    ),
  );
});
