import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, test } from 'vitest';
import type { Durability } from './open-database.ts';
import { openSqliteStore } from './open-sqlite-store.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'breakwater-killed-'));
afterAll(() => rmSync(directory, { recursive: true }));

const MODULE = JSON.stringify(path.join(import.meta.dirname, 'open-sqlite-store.ts'));

/** Writes pairs of rows, four calls at once, says each pair that `write` has acknowledged, and never ends by itself. */
const PROGRAM = `
  const { openSqliteStore } = await import(${MODULE});
  const store = openSqliteStore({ path: process.argv[1], durability: process.argv[3] });
  let next = Number(process.argv[2]);
  const put = (sort) => ({
    kind: 'put', table: 'execution-records', key: { partition: 'e', sort }, value: 'x'.repeat(500), expect: 'absent',
  });
  const work = async () => {
    for (;;) {
      const pair = next++;
      await store.write([put(pair + '-a'), put(pair + '-b')]);
      process.stdout.write(pair + '\\n');
    }
  };
  for (let i = 0; i < 4; i++) work();`;

/** Kills a writer the moment it has acknowledged `count` pairs; answers all that it said. */
async function writeUntilKilled(
  file: string,
  { first, count, durability }: { first: number; count: number; durability: Durability },
): Promise<number[]> {
  const args = [
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '-e',
    PROGRAM,
    file,
    String(first),
    durability,
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const said: number[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    said.push(Number(line));
    if (said.length === count) child.kill('SIGKILL');
  });
  await Promise.all([once(lines, 'close'), once(child, 'exit')]);
  return said;
}

test.each<Durability>(['power', 'process'])(
  'after SIGKILL every acknowledged write of durability "%s" is there, and no write is there by half',
  async (durability) => {
    const file = path.join(directory, `${durability}.db`);
    const acknowledged: number[] = [];
    for (const [round, count] of [1, 2, 3, 5, 8, 40, 200].entries()) {
      acknowledged.push(...(await writeUntilKilled(file, { first: round * 100_000, count, durability })));
      const store = openSqliteStore({ path: file });
      const written = new Map<number, string>();
      let page = await store.query({ table: 'execution-records', partition: 'e', limit: 1_000 });
      for (;;) {
        for (const { key } of page.rows) {
          const [pair, half] = key.sort.split('-');
          written.set(Number(pair), (written.get(Number(pair)) ?? '') + half!);
        }
        if (page.cursor === undefined) break;
        page = await store.query({
          table: 'execution-records',
          partition: 'e',
          limit: 1_000,
          cursor: page.cursor,
        });
      }
      await store.close();
      expect([...written.values()].filter((halves) => halves !== 'ab')).toEqual([]);
      expect(acknowledged.filter((pair) => !written.has(pair))).toEqual([]);
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(259);
  },
);
