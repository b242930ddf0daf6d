import fc from 'fast-check';
import { reportOf } from '#core/errors.ts';
import type { Expectation, Key, QueryParams, Store, Write } from '../port.ts';

const table = fc.constantFrom('execution-records' as const, 'platform-records' as const);
const sort = fc.string({ unit: fc.constantFrom('a', 'b', '%', '_', 'é', '\u{ffff}', '😀'), maxLength: 3 });
const key: fc.Arbitrary<Key> = fc.record({ partition: fc.constantFrom('p', 'q', '😀'), sort });
const expectation = fc.constantFrom<Expectation>('any', 'any', 'absent', 1, 2);
const write: fc.Arbitrary<Write> = fc.oneof(
  fc
    .record({
      table,
      key,
      value: fc.json().map((text) => JSON.parse(text)),
      expect: expectation,
      index: fc.option(key),
    })
    .map(({ index, ...rest }) => ({ kind: 'put' as const, ...rest, ...(index && { index }) })),
  fc.record({ kind: fc.constant('remove' as const), table, key, expect: expectation }),
  fc.record({
    kind: fc.constant('check' as const),
    table,
    key,
    expect: fc.constantFrom('absent' as const, 1),
  }),
);
const query: fc.Arbitrary<QueryParams> = fc.record({
  table,
  byIndex: fc.boolean(),
  partition: fc.constantFrom('p', 'q', '😀'),
  sortPrefix: sort,
  order: fc.constantFrom('ascending' as const, 'descending' as const),
  limit: fc.integer({ min: 1, max: 4 }),
});

/** What a program does to a store: writes, some at once; a query; a scan. */
export type Step =
  | { readonly writes: readonly (readonly Write[])[] }
  | { readonly query: QueryParams }
  | { readonly scan: 'execution-records' | 'platform-records' };
export const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ writes: fc.array(fc.array(write, { maxLength: 4 }), { minLength: 1, maxLength: 3 }) }),
  fc.record({ query }),
  fc.record({ scan: table }),
);

/** Does the step and answers all that can be seen of it. */
export async function perform(store: Store, done: Step): Promise<unknown> {
  if ('writes' in done) {
    const results = await Promise.allSettled(done.writes.map((writes) => store.write(writes)));
    return results.map((result) => (result.status === 'fulfilled' ? result.value : reportOf(result.reason)));
  }
  const read = (cursor: { cursor?: string }) =>
    'query' in done
      ? store.query({ ...done.query, ...cursor })
      : store.scan({ table: done.scan, limit: 3, ...cursor });
  const pages = [await read({})];
  for (let cursor = pages[0]!.cursor; cursor !== undefined; cursor = pages.at(-1)!.cursor) {
    pages.push(await read({ cursor }));
  }
  return pages;
}
