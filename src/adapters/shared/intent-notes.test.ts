import { expect, test } from 'vitest';
import type { JsonObject } from '#core/json.ts';
import type { OperationContext } from '../contract.ts';
import { openIntentNotes } from './intent-notes.ts';

/** A context whose writes take a while, so that they could overtake one another. */
function contextOf(kept: JsonObject | null = null) {
  const written: JsonObject[] = [];
  const intent = {
    read: async () => written.at(-1) ?? kept,
    write: async (value: JsonObject) => {
      await new Promise((resolve) => setImmediate(resolve));
      written.push(value);
    },
  };
  return { written, context: { intent } as OperationContext };
}

test('notes written side by side follow one another, and the last write has all of them', async () => {
  const { context, written } = contextOf();
  const notes = await openIntentNotes<{ n: number }>(context);
  await Promise.all([notes.put('a', { n: 1 }), notes.put('b', { n: 2 })]);
  expect(written).toEqual([{ notes: { a: { n: 1 } } }, { notes: { a: { n: 1 }, b: { n: 2 } } }]);
});

test('a later process finds the notes of an earlier one', async () => {
  const notes = await openIntentNotes<{ n: number }>(contextOf({ notes: { a: { n: 1 } } }).context);
  expect([notes.get('a'), notes.get('b')]).toEqual([{ n: 1 }, undefined]);
});

test('several notes are one write', async () => {
  const { context, written } = contextOf();
  const notes = await openIntentNotes<{ n: number }>(context);
  await notes.putAll([
    ['a', { n: 1 }],
    ['b', { n: 2 }],
  ]);
  expect(written).toHaveLength(1);
});
