import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ROLES } from '#core/permissions.ts';
import { temporaryFolder } from './support/breakwater.ts';
import { examplePlan, startServer } from './support/server.ts';

/** The fuzzer is Python; continuous integration brings it. */
const HAS_FUZZER = spawnSync('schemathesis', ['--version']).status === 0;

/**
 * All of its checks, but two: that all that fits its schema is accepted (a reference to nothing fits), and that a wrong token is
 * always 401 (after ten of them it is 429; `api-of.test.ts` has the whole matrix).
 */
const LEFT_OUT = 'positive_data_acceptance,ignored_auth';

function fuzz(
  url: string,
  token: string,
  examples: number,
  folder: string,
): Promise<{ code: number | null; output: string }> {
  const child = spawn(
    'schemathesis',
    [
      'run',
      `${url}/openapi.json`,
      '-H',
      `Authorization: Bearer ${token}`,
      '--max-examples',
      String(examples),
      '--seed',
      '1',
      '--exclude-checks',
      LEFT_OUT,
      // A fuzzer that revokes its own token has little left to find.
      '--exclude-path-regex',
      '^/tokens/',
      '--suppress-health-check',
      'all',
      '--no-color',
    ],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}

test.skipIf(!HAS_FUZZER).each(ROLES)('a fuzzer finds nothing as %s', { timeout: 600_000 }, async (role) => {
  const folder = temporaryFolder();
  const { url, client } = await startServer(path.join(folder, 'data'));
  await client.createPlan({ body: examplePlan() });
  const { data } = await client.createToken({ body: { name: role, roles: [role] } });
  const { code, output } = await fuzz(url, data.token, role === 'Admin' ? 10 : 3, folder);
  expect(code, output.slice(-6_000)).toBe(0);
});
