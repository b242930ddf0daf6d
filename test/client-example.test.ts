import path from 'node:path';
import { expect, test } from 'vitest';
import { readText, ROOT } from './repo-files.ts';
import { runNode, temporaryFolder } from './support/breakwater.ts';
import { startServer } from './support/server.ts';

const EXAMPLE = 'clients/typescript/example.ts';

test('docs/api.md shows the example as it stands', () => {
  expect(readText('docs/api.md')).toContain(`\`\`\`ts\n${readText(EXAMPLE)}\`\`\``);
});

test(
  'the example runs a drill twice: with a plan that it keeps, and with one that is kept',
  { timeout: 60_000 },
  async () => {
    const { url, token } = await startServer(path.join(temporaryFolder(), 'data'));
    const environment = { BREAKWATER_URL: url, BREAKWATER_TOKEN: token };
    for (const _ of [1, 2]) {
      const { code, stdout, stderr } = await runNode(path.join(ROOT, EXAMPLE), [], { environment });
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(
        /pause gate of wave 2[^]*execution completed, clean\ncompleted; RTO of PT30M met: (true|false)\n$/,
      );
    }
  },
);
