import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { COMMANDS } from './commands/table.ts';
import { runCommandLine } from './program.ts';
import { execution, fakeControl, fakeIo, fakeLocal } from './testing.ts';

const DOCS = new URL('../../docs/cli.md', import.meta.url);

async function helpOf(name: string): Promise<string> {
  const io = fakeIo();
  const { local } = fakeLocal(fakeControl({ view: execution(), events: [] }));
  await runCommandLine([...name.split(' '), '--help'], { io, local });
  return io.out.join('\n');
}

/** Blocks of the page that begin with `Usage: breakwater NAME` hold the help of the command; `vitest -u` renews them. */
test('docs/cli.md shows the help of every command as it is', async () => {
  let page = await readFile(DOCS, 'utf8');
  for (const { name } of COMMANDS) {
    const block = new RegExp(`(\`\`\`text\\n)Usage: breakwater ${name}\\b[^]*?\\n(\`\`\`)`);
    expect(page, `docs/cli.md lacks ${name}`).toMatch(block);
    const help = await helpOf(name);
    page = page.replace(block, (_, open: string, close: string) => `${open}${help}\n${close}`);
  }
  await expect(page).toMatchFileSnapshot(DOCS.pathname);
});
