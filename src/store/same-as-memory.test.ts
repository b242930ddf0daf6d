import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { perform, step } from './conformance/random-steps.ts';
import { memoryStore } from './memory-store.ts';
import { openSqliteStore } from './sqlite/open-sqlite-store.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'breakwater-same-'));
afterAll(() => rmSync(directory, { recursive: true }));

test('SQLite answers every sequence of writes, queries and scans as memory does, also after it was opened anew', async () => {
  let files = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.nat(11), async (steps, reopenAt) => {
      const file = path.join(directory, `${files++}.db`);
      const memory = memoryStore();
      let sqlite = openSqliteStore({ path: file });
      for (const [i, each] of steps.entries()) {
        if (i === reopenAt) {
          await sqlite.close();
          sqlite = openSqliteStore({ path: file });
        }
        expect(await perform(sqlite, each)).toEqual(await perform(memory, each));
      }
      await sqlite.close();
    }),
    { numRuns: 60 },
  );
});
