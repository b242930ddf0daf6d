import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { begin, breakwater, jsonLines, temporaryFolder } from './support/breakwater.ts';
import { estateWithServer, EXAMPLE, serversPlan } from './support/estates.ts';
import { EXECUTION_STATE, EXPORT_DATA } from './support/specification.ts';

const VIRTUAL = ['--scenario', EXAMPLE.estate, '--virtual', '--seed', '3'];

interface Result {
  readonly executionId: string;
  readonly status: string;
  readonly outcome: string;
  readonly exportPath: string;
  readonly reportPath: string;
}

/** The last line of `run --json`. */
function resultOf(stdout: string): Result {
  return jsonLines(stdout).at(-1)!['result'] as Result;
}

type Shape = Readonly<Record<string, unknown>>;

describe('a drill of the example in virtual time', () => {
  test('prints an event a line and then the result, and leaves the same history for the same seed', async () => {
    const [one, two] = [temporaryFolder(), temporaryFolder()];
    const run = (dataDir: string) =>
      breakwater(['run', EXAMPLE.plan, '--drill', ...VIRTUAL, '--json', '--data-dir', dataDir]);
    const [first, second] = await Promise.all([run(one), run(two)]);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    const lines = jsonLines(first.stdout);
    const { result, ...others } = lines.pop()!;
    expect(others).toEqual({});
    expect(result).toMatchObject({ status: 'completed', outcome: 'clean' });
    expect(lines.map(({ sequence }) => sequence)).toEqual(lines.map((_, index) => index + 1));
    for (const line of lines) {
      expect(Object.keys(line).toSorted()).toEqual(EVENT_KEYS);
    }
    expect(lines[0]).toMatchObject({ code: 'ExecutionStarted', at: '2026-01-07T10:00:00.000Z' });
    expect(lines.at(-1)).toMatchObject({ code: 'ExecutionCompleted' });
    expect(second.stdout.replaceAll(two, one)).toBe(first.stdout);

    const again = await run(one);
    expect(again.code).toBe(0);
    expect(resultOf(again.stdout).executionId).not.toBe(resultOf(first.stdout).executionId);
    const historyOf = (stdout: string): unknown[] =>
      jsonLines(stdout)
        .slice(0, -1)
        .map(({ sequence, at, code }) => ({ sequence, at, code }));
    expect(historyOf(again.stdout)).toEqual(historyOf(first.stdout));

    const listed = await breakwater(['executions', 'list', '--json', '--data-dir', one]);
    expect(jsonLines(listed.stdout)[0]!['executions']).toHaveLength(2);
  });

  test('exports the shapes of the specification and writes a report that needs nothing else', async () => {
    const { stdout } = await breakwater([
      'run',
      EXAMPLE.plan,
      '--drill',
      ...VIRTUAL,
      '--json',
      '--data-dir',
      temporaryFolder(),
    ]);
    const { exportPath, reportPath } = resultOf(stdout);
    const exported = JSON.parse(readFileSync(exportPath, 'utf8')) as {
      execution: Shape;
      technologies: readonly (Shape & { technology: string; results: Shape })[];
    };
    expect(exported.execution).toMatchObject(EXECUTION_STATE);
    expect(exported.technologies.map(({ waveNumber, technology }) => [waveNumber, technology])).toEqual([
      [1, 'database'],
      [2, 'drs'],
      [2, 'application'],
      [3, 'infrastructure'],
    ]);
    const drs = exported.technologies.find(({ technology }) => technology === 'drs')!;
    expect(drs).toMatchObject(EXPORT_DATA);
    expect(drs.results['recoveredInstances']).toHaveLength(4);

    const report = readFileSync(reportPath, 'utf8');
    expect(report.slice(0, 15).toLowerCase()).toBe('<!doctype html>');
    for (const part of ['<svg', 'Core banking', 'aurora-prod-cluster', 'app.company.com']) {
      expect(report.includes(part), part).toBe(true);
    }
    expect(report.match(/<script|<link\b|\bsrc=|\bhref="http|@import|url\((?!#)/gi)).toBeNull();
  });
});

const EVENT_KEYS = ['at', 'code', 'data', 'executionId', 'level', 'message', 'sequence'];

describe('the bare plan of the specification', () => {
  test('validates, and runs as a drill that only looks at what would move production', async () => {
    const args = [EXAMPLE.specification, '--scenario', EXAMPLE.estate, '--json'];
    const validated = await breakwater(['validate', ...args]);
    expect(validated.code).toBe(0);
    expect(jsonLines(validated.stdout)[0]).toMatchObject({ valid: true });
    const { code, stdout } = await breakwater([
      'run',
      ...args,
      '--drill',
      '--virtual',
      '--data-dir',
      temporaryFolder(),
    ]);
    expect(code).toBe(0);
    const { exportPath } = resultOf(stdout);
    const { execution } = JSON.parse(readFileSync(exportPath, 'utf8')) as {
      execution: {
        waves: readonly { technologies: readonly { type: string; outcomes: readonly Shape[] }[] }[];
      };
    };
    const statuses = execution.waves.flatMap(({ technologies }) =>
      technologies.map(({ type, outcomes }) => [type, [...new Set(outcomes.map(({ status }) => status))]]),
    );
    expect(statuses).toEqual([
      ['database', ['assessed']],
      ['drs', ['completed']],
      ['application', ['completed']],
      ['infrastructure', ['assessed']],
    ]);
  });
});

describe('a recovery', () => {
  test('starts without a question with --yes, and moves what a drill leaves alone', async () => {
    const { code, stdout } = await breakwater([
      'run',
      EXAMPLE.specification,
      '--recovery',
      '--yes',
      ...VIRTUAL,
      '--json',
      '--data-dir',
      temporaryFolder(),
    ]);
    expect(code).toBe(0);
    const { execution } = JSON.parse(readFileSync(resultOf(stdout).exportPath, 'utf8')) as {
      execution: Shape;
    };
    expect(execution).toMatchObject({ mode: 'recovery', status: 'completed', outcome: 'clean' });
    expect(JSON.stringify(execution)).not.toContain('assessed');
  });
});

describe('a server that does not launch', () => {
  test('ends a plan that says onFailure: stop with exit code 2', async () => {
    const folder = temporaryFolder();
    const { code, stdout } = await breakwater([
      'run',
      serversPlan(folder, { waves: 2, technology: 'onFailure: stop' }),
      '--drill',
      '--virtual',
      '--json',
      '--scenario',
      estateWithServer(folder, 'launch: fail-launch'),
      '--data-dir',
      path.join(folder, 'data'),
    ]);
    expect(code).toBe(2);
    expect(resultOf(stdout)).toMatchObject({
      status: 'failed',
      error: { code: 'RecoveryFailed', message: expect.stringContaining('1 of 4 servers') as unknown },
    });
    expect(stdout).not.toContain('"code":"WaveStarted","level":"info","message":"wave 2');
    expect(existsSync(resultOf(stdout).reportPath)).toBe(true);
  });

  test('opens a gate where another process retries it, and the drill completes', async () => {
    const { drill, decide } = await drillAtDecision('launch: fail-launch', 'times: 1');
    expect(await decide('--action', 'retry')).toMatchObject({ code: 0, stderr: '' });
    const { code, output } = await drill.ended;
    expect(output).toContain('attempt 2');
    expect(output).toMatch(/execution completed, clean/);
    expect(code).toBe(0);
  });

  test('opens a gate where another process skips it for a reason, which stays in the evidence', async () => {
    const { drill, decide } = await drillAtDecision('launch: fail-launch');
    expect(await decide('--action', 'skip')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('skip needs --reason') as unknown,
    });
    expect(await decide('--action', 'approve')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('GateNotOpen') as unknown,
    });
    await decide('--action', 'skip', '--reason', 'app-01 can wait');
    const { code, output } = await drill.ended;
    expect(output).toContain('app-01 can wait');
    expect(output).toContain('drill completed, with exceptions');
    expect(code).toBe(0);
  });

  test('opens a gate where another process cancels, and the drill ends with exit code 3', async () => {
    const { drill, decide } = await drillAtDecision('launch: fail-launch');
    await decide('--action', 'cancel');
    expect(await drill.ended).toMatchObject({
      code: 3,
      output: expect.stringContaining('drill cancelled') as unknown,
    });
  });
});

/** A drill in which the first server has failed, and that waits for a decision. */
async function drillAtDecision(...traits: string[]) {
  const folder = temporaryFolder();
  const dataDir = path.join(folder, 'data');
  const drill = begin([
    'run',
    serversPlan(folder),
    '--drill',
    '--scenario',
    estateWithServer(folder, ...traits),
    '--speed',
    '1000',
    '--data-dir',
    dataDir,
  ]);
  await drill.until(/to go on: breakwater executions decide exec-\w+ --gate w1-decision/);
  const decide = (...args: string[]) =>
    breakwater(['executions', 'decide', 'latest', ...args, '--data-dir', dataDir]);
  return { drill, decide };
}
