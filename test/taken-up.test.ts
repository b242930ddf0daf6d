import path from 'node:path';
import { expect, test } from 'vitest';
import type { Session } from '#cli/host.ts';
import { runCommandLine } from '#cli/program.ts';
import { fakeIo } from '#cli/testing.ts';
import { readPlanFile } from '#control/plan-file.ts';
import { hasEnded } from '#core/states.ts';
import { localHost } from '../src/hosts/local/local-host.ts';
import { begin, breakwater, jsonLines, temporaryFolder } from './support/breakwater.ts';
import { EXAMPLE, estateWithServer, serversPlan } from './support/estates.ts';

test(
  'a drill that has ended before the run that takes it up asks for it is not run a second time',
  { timeout: 90_000 },
  async () => {
    const dataDir = temporaryFolder();
    const scenario = ['--scenario', EXAMPLE.estate, '--speed', '1000', '--data-dir', dataDir];
    const run = ['run', EXAMPLE.plan, '--drill', ...scenario];
    const drill = begin(run);
    // There it stays, however late the kill comes.
    await drill.until(/to go on: breakwater executions resume/);
    await drill.kill('SIGKILL');

    const host = localHost({});
    const io = fakeIo();
    const open: typeof host.open = async (params) => {
      const session = await host.open(params);
      const [executionId = 'none taken up'] = session.recovered;
      const goOn = async (): Promise<boolean> => {
        const { status } = await session.control.getExecution({ executionId });
        if (status === 'paused') await session.control.resume({ executionId, by: 'ben' });
        return hasEnded(status);
      };
      await expect.poll(goOn, { timeout: 60_000 }).toBe(true);
      return session;
    };
    expect(await runCommandLine(run, { io, local: { ...host, open } }), io.err.join('\n')).toBe(0);
    expect(io.out).toContain('It runs this very plan, so no other is started.');

    const { stdout } = await breakwater(['executions', 'list', '--json', '--data-dir', dataDir]);
    expect(jsonLines(stdout)[0]!['executions']).toMatchObject([{ status: 'completed' }]);
  },
);

test.each(['run', 'executions resume'])(
  'a decision that waited in virtual time when its process ended waits for whoever takes it up by `%s`',
  { timeout: 60_000 },
  async (by) => {
    const folder = temporaryFolder();
    const dataDir = path.join(folder, 'data');
    const host = localHost({});
    const scenario = estateWithServer(folder, 'launch: fail-launch');
    const open = () => host.open({ dataDir, scenario, time: { kind: 'virtual' } });
    const first = await open();
    const { plan } = await readPlanFile(serversPlan(folder));
    const { executionId } = await first.control.startExecution({ plan, mode: 'drill', initiatedBy: 'ana' });
    const gates = async ({ control }: Session): Promise<string[]> =>
      (await control.getExecution({ executionId })).gates.map(({ gateId, status }) => `${gateId} ${status}`);
    await expect.poll(() => gates(first), { timeout: 30_000 }).toEqual(['w1-decision open']);
    await first.close();

    const next = await (by === 'run' ? open() : host.connect({ dataDir, purpose: 'work' }));
    // As often as virtual time needs to get to the end of the gate.
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(await gates(next)).toEqual(['w1-decision open']);
    await next.control.cancel({ executionId, by: 'ben' });
    const status = async () => (await next.control.getExecution({ executionId })).status;
    await expect.poll(status, { timeout: 30_000 }).toBe('cancelled');
    await next.close();
  },
);
