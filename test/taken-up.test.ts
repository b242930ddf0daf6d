import { expect, test } from 'vitest';
import { runCommandLine } from '#cli/program.ts';
import { fakeIo } from '#cli/testing.ts';
import { hasEnded } from '#core/states.ts';
import { localHost } from '../src/hosts/local/local-host.ts';
import { begin, breakwater, jsonLines, temporaryFolder } from './support/breakwater.ts';
import { EXAMPLE } from './support/estates.ts';

test(
  'a drill that has ended before the run that takes it up asks for it is not run a second time',
  { timeout: 90_000 },
  async () => {
    const dataDir = temporaryFolder();
    const scenario = ['--scenario', EXAMPLE.estate, '--speed', '1000', '--data-dir', dataDir];
    const run = ['run', EXAMPLE.plan, '--drill', '--auto-resume', ...scenario];
    const drill = begin(run);
    await drill.until(/wave 3/);
    await drill.kill('SIGKILL');

    const host = localHost({});
    const io = fakeIo();
    const open: typeof host.open = async (params) => {
      const session = await host.open(params);
      const [executionId = 'none taken up'] = session.recovered;
      const status = async () => (await session.control.getExecution({ executionId })).status;
      await expect.poll(async () => hasEnded(await status()), { timeout: 30_000 }).toBe(true);
      return session;
    };
    expect(await runCommandLine(run, { io, local: { ...host, open } }), io.err.join('\n')).toBe(0);
    expect(io.out).toContain('It runs this very plan, so no other is started.');

    const { stdout } = await breakwater(['executions', 'list', '--json', '--data-dir', dataDir]);
    expect(jsonLines(stdout)[0]!['executions']).toMatchObject([{ status: 'completed' }]);
  },
);
