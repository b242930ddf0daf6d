import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  begin,
  breakwater,
  jsonLines,
  temporaryFolder,
  type Ended,
  type Running,
} from './support/breakwater.ts';
import { estateWithServer, EXAMPLE, serversPlan, write } from './support/estates.ts';

type Waits = 'pauseAfterWave: true' | '';

interface Drill {
  readonly drill: Running;
  readonly dataDir: string;
  /** Runs `executions …` on the same data directory, in a process of its own. */
  executions(...args: string[]): Promise<Ended>;
  /** The words that begin a drill once more, on the same data directory. */
  readonly again: readonly string[];
}

/** A drill of two waves at work in one process. With `pauseAfterWave` it waits for a person after each. */
function startDrill({
  wave = '',
  estate,
  speed = 1_000,
}: {
  wave?: Waits;
  estate?: string;
  speed?: number;
}): Drill {
  const folder = temporaryFolder();
  const dataDir = path.join(folder, 'data');
  const again = [
    'run',
    serversPlan(folder, { waves: 2, wave }),
    '--drill',
    '--scenario',
    estate ?? EXAMPLE.estate,
    '--speed',
    String(speed),
    '--data-dir',
    dataDir,
  ];
  const executions: Drill['executions'] = (...args) =>
    breakwater(['executions', ...args, '--data-dir', dataDir]);
  return { drill: begin(again), dataDir, executions, again };
}

const AT_PAUSE = /pause gate of wave 1: .*\n +to go on: breakwater executions resume (exec-\w+)/;
const AT_LAST_PAUSE = /pause gate of wave 2: .*\n/;

describe('a drill that waits in one terminal', () => {
  test('is listed, shown, exported and reported in another', async () => {
    const { drill, dataDir, executions } = startDrill({ wave: 'pauseAfterWave: true' });
    const id = (await drill.until(AT_PAUSE))[1]!;
    const report = path.join(dataDir, 'so-far.html');
    const [listed, shown, events, exported, reported] = await Promise.all([
      executions('list'),
      executions('show', 'latest', '--json'),
      executions('events', id, '--json'),
      executions('export', id),
      executions('report', id, '--out', report),
    ]);
    expect([listed, shown, events, exported, reported].map(({ code, stderr }) => [code, stderr])).toEqual(
      Array.from({ length: 5 }, () => [0, '']),
    );
    expect(listed.stdout).toMatch(new RegExp(`${id} +Servers +drill +paused +1/2`));
    expect(jsonLines(shown.stdout)[0]).toMatchObject({
      executionId: id,
      status: 'paused',
      currentWave: 1,
      gates: [{ gateId: 'w1-pause', status: 'open', actions: ['resume', 'cancel'] }],
    });
    expect(jsonLines(events.stdout).map(({ code }) => code)).toContain('GateOpened');
    expect(JSON.parse(exported.stdout)).toMatchObject({ execution: { executionId: id, status: 'paused' } });
    expect(reported.stdout).toBe(`${report}\n`);
    expect(readFileSync(report, 'utf8')).toContain('paused');
  });

  test('lets no further wave begin after a pause until someone resumes', async () => {
    const { drill, executions } = startDrill({ wave: 'pauseAfterWave: true' });
    await drill.until(AT_PAUSE);
    expect(await executions('pause', 'latest', '--reason', 'wait')).toMatchObject({ code: 0, stderr: '' });
    expect((await executions('decide', 'latest', '--action', 'resume')).code).toBe(0);
    await drill.until(/wave 1 \(Servers 1\) completed/);
    const { stdout } = await executions('show', 'latest', '--json');
    expect(jsonLines(stdout)[0]).toMatchObject({
      status: 'paused',
      pauseRequested: true,
      waves: [{ status: 'completed' }, { status: 'pending' }],
    });
    expect((await executions('resume', 'latest')).code).toBe(0);
    await drill.until(AT_LAST_PAUSE);
    expect((await executions('resume', 'latest')).code).toBe(0);
    expect(await drill.ended).toMatchObject({
      code: 0,
      output: expect.stringContaining('drill completed') as unknown,
    });
    const late = await executions('resume', 'latest');
    expect(late).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('ExecutionNotRunning') as unknown,
    });
  });

  test('keeps its data directory: a second run is refused, with the process that holds it', async () => {
    const { drill, again, executions } = startDrill({ wave: 'pauseAfterWave: true' });
    await drill.until(AT_PAUSE);
    const second = await breakwater(again);
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/^DataDirectoryInUse: /);
    expect(second.stderr).toContain(`process ${drill.pid}`);
    const { stdout } = await executions('list', '--json');
    expect(jsonLines(stdout)[0]!['executions']).toHaveLength(1);
  });
});

describe('a drill with a server that is stuck', () => {
  test('is cancelled from another terminal while it works, and ends with exit code 3', async () => {
    const estate = estateWithServer(temporaryFolder(), 'launch: stuck');
    const { drill, executions } = startDrill({ estate });
    await drill.until(/drs\/recovery started/);
    expect(await executions('cancel', 'latest', '--reason', 'false alarm')).toMatchObject({
      code: 0,
      stderr: '',
    });
    const { code, output } = await drill.ended;
    expect(output).toContain('false alarm');
    expect(output).toContain('drill cancelled');
    expect(output).not.toContain('wave 2 (Servers 2) started');
    expect(code).toBe(3);
  });
});

describe('a drill whose process is killed', () => {
  // Eight processes, one after the other: a busy machine takes its time.
  test('can still be shown, and goes on with `executions resume`', { timeout: 120_000 }, async () => {
    const { drill, dataDir, executions } = startDrill({ wave: 'pauseAfterWave: true' });
    const id = (await drill.until(AT_PAUSE))[1]!;
    await drill.kill('SIGKILL');
    const shown = await executions('show', 'latest', '--json');
    expect(jsonLines(shown.stdout)[0]).toMatchObject({ executionId: id, status: 'paused', running: false });
    const listed = await executions('list');
    expect(listed.stdout).toContain('paused (nobody runs it)');
    expect(listed.stdout).toContain(`Go on with: breakwater executions resume ${id} --data-dir ${dataDir}`);
    const resumed = begin(['executions', 'resume', 'latest', '--data-dir', dataDir]);
    await resumed.until(/It waits at the pause after wave 1, and this does not approve it\./);
    const waiting = await executions('show', 'latest', '--json');
    expect(jsonLines(waiting.stdout)[0]).toMatchObject({ status: 'paused', currentWave: 1, running: true });
    expect((await executions('resume', id)).code).toBe(0);
    await resumed.until(AT_LAST_PAUSE);
    expect((await executions('resume', id)).code).toBe(0);
    const { code, output } = await resumed.ended;
    expect(output).toContain('drill completed');
    expect(output).not.toContain('wave 1 (Servers 1) started');
    expect(code).toBe(0);
    expect(existsSync(path.join(dataDir, 'executions', id, 'report.html'))).toBe(true);
    // Not a second of simulated time has gone back, although the clock was killed as well.
    const times = jsonLines((await executions('events', id, '--json')).stdout).map(({ at }) => String(at));
    expect(times).toEqual(times.toSorted());
  });

  test('goes on when the same run is typed again, and no other is begun', async () => {
    const { drill, again, executions } = startDrill({ speed: 200 });
    await drill.until(/drs\/recovery started/);
    await drill.kill('SIGKILL');
    const { output, code } = await breakwater(again);
    expect(output).toMatch(/An earlier process left exec-\w+ unfinished; it goes on\.\n/);
    expect(output).toContain('drill completed');
    expect(code).toBe(0);
    const { stdout } = await executions('list', '--json');
    expect(jsonLines(stdout)[0]!['executions']).toHaveLength(1);
  });

  test('goes on beside the next run, and with `executions resume` after that', async () => {
    const { drill, dataDir, executions } = startDrill({ wave: 'pauseAfterWave: true' });
    const id = (await drill.until(AT_PAUSE))[1]!;
    await drill.kill('SIGKILL');
    const other = write(path.dirname(dataDir), 'other.yaml', DATABASE_PLAN);
    const next = await breakwater([
      'run',
      other,
      '--drill',
      '--scenario',
      EXAMPLE.estate,
      '--speed',
      '1000',
      '--data-dir',
      dataDir,
    ]);
    expect(next.output).toContain(`An earlier process left ${id} unfinished; it goes on as well.`);
    expect(next.output).toContain('Databases · drill completed');
    expect(next.code).toBe(0);
    const resumed = begin(['executions', 'resume', id, '--data-dir', dataDir]);
    await resumed.until(/this does not approve it/);
    await executions('resume', id);
    await resumed.until(AT_LAST_PAUSE);
    await executions('resume', id);
    expect((await resumed.ended).code).toBe(0);
  });
});

/** Touches no server. A drill only looks at databases. */
const DATABASE_PLAN = `name: Databases
region: us-west-2
waves:
  - waveNumber: 1
    name: Databases
    technologies: [{ type: database, operation: failover, resources: { clusters: [aurora-prod-cluster] } }]
`;

describe('Ctrl-C', () => {
  test('stops the process with code 130 and says how the drill goes on', async () => {
    const { drill, dataDir, executions } = startDrill({ wave: 'pauseAfterWave: true' });
    const id = (await drill.until(AT_PAUSE))[1]!;
    const { code, stdout } = await drill.kill('SIGINT');
    expect(code).toBe(130);
    expect(stdout).toContain(
      `The execution stops here and goes on with\n  breakwater executions resume ${id} --data-dir ${dataDir}\n`,
    );
    const cancelled = await executions('cancel', id);
    expect(cancelled).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('drill cancelled') as unknown,
    });
  });
});
