import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BreakwaterError } from '#core/errors.ts';
import { at, completed, event, execution, fakeCommandLine, gate } from '../testing.ts';

let dir: string;
let plan: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'breakwater-cli-'));
  plan = join(dir, 'plan.yaml');
  await writeFile(plan, '');
});
afterEach(() => rm(dir, { recursive: true }));

describe('executions', () => {
  test('list prints a table, or JSON', async () => {
    const { io, run, log } = fakeCommandLine(execution());
    await run('executions', 'list');
    expect(io.out[0]).toBe(
      `   Execution   Plan          Mode   Status       Wave  Started              Took
◐  exec-12345  Core banking  drill  in progress   2/3  2026-01-07 10:00  20m 00s`,
    );
    await run('executions', 'list', '--json');
    expect(JSON.parse(io.out[1]!).executions).toHaveLength(1);
    expect(log).toEqual(['connect to look', 'close', 'connect to look', 'close']);
  });

  test('show takes `latest`, and BREAKWATER_DATA_DIR', async () => {
    const { io, run } = fakeCommandLine(execution(), { environment: { BREAKWATER_DATA_DIR: dir } });
    expect(await run('executions', 'show', 'latest', '--json')).toBe(0);
    expect(JSON.parse(io.out[0]!).executionId).toBe('exec-12345');
  });

  test('events are printed from a sequence number, progress reports only on demand', async () => {
    const { io, run, control } = fakeCommandLine();
    control.state.events.push(
      event({ sequence: 2, at: at(90), message: 'two' }),
      event({ sequence: 3, level: 'debug', message: 'three' }),
    );
    await run('executions', 'events', 'latest', '--after', '1');
    expect(io.out).toEqual(['  +1m 30s · two']);
    await run('executions', 'events', 'latest', '--after', '1', '--all');
    expect(io.out.slice(1).join()).toContain('three');
  });

  test('an unknown id is an error with what to do', async () => {
    const { io, run } = fakeCommandLine();
    expect(await run('executions', 'show', 'exec-0')).toBe(1);
    expect(io.err.join('\n')).toBe(
      'ExecutionNotFound: there is no execution "exec-0"\n→ List executions with `breakwater executions list`.',
    );
  });

  test('pause and cancel are recorded with name and reason', async () => {
    const { run, control } = fakeCommandLine(execution(), { runsHere: false });
    expect(await run('executions', 'pause', 'exec-12345', '--reason', 'wait')).toBe(0);
    expect(await run('executions', 'cancel', 'exec-12345')).toBe(0);
    expect(control.calls).toEqual([
      ['pause', { executionId: 'exec-12345', by: 'ada', reason: 'wait' }],
      ['cancel', { executionId: 'exec-12345', by: 'ada' }],
    ]);
  });

  test('decide finds the only open gate by itself', async () => {
    const decision = gate({ gateId: 'g-7', kind: 'decision', actions: ['retry', 'skip', 'cancel'] });
    const { run, control } = fakeCommandLine(execution({ gates: [decision] }), { runsHere: false });
    expect(await run('executions', 'decide', 'latest', '--action', 'retry')).toBe(0);
    expect(control.calls).toEqual([
      ['decide', { executionId: 'exec-12345', by: 'ada', gateId: 'g-7', action: 'retry' }],
    ]);
  });

  test.each([
    { gates: [], says: 'no gate waits for a person' },
    {
      gates: [gate(), gate({ gateId: 'g-3' })],
      says: 'several gates are open, name one with --gate: gate-2-pause',
    },
  ])('decide says what is open: $says', async ({ gates, says }) => {
    const { io, run, control } = fakeCommandLine(execution({ gates }));
    expect(await run('executions', 'decide', 'latest', '--action', 'cancel')).toBe(1);
    expect(io.err.join('\n')).toContain(says);
    expect(control.calls).toEqual([]);
  });

  test('resume takes over an execution whose process has gone, and follows it to its end', async () => {
    const { io, run, control, log } = fakeCommandLine(execution(), {
      onSleep: () => (control.state.view = completed),
    });
    expect(await run('executions', 'resume', 'latest', '--data-dir', dir)).toBe(0);
    expect(control.calls).toEqual([]);
    expect(log).toEqual(['connect to work', 'close']);
    expect(io.out.join('\n')).toContain('drill completed');
    expect(io.out.join('\n')).not.toContain('started by ada');
  });

  test('resume that takes over an execution at a pause asks the person at the terminal first', async () => {
    const pause = gate({ gateId: 'g-1', kind: 'pause', actions: ['resume', 'cancel'] });
    const { run, control } = fakeCommandLine(execution({ status: 'paused', gates: [pause] }), {
      interactive: true,
      keys: ['right', 'return'],
    });
    control.cancel = async (params) => {
      control.calls.push(['cancel', params]);
      control.state.view = { ...completed, status: 'cancelled' };
    };
    expect(await run('executions', 'resume', 'latest', '--data-dir', dir)).toBe(3);
    expect(control.calls).toMatchObject([['cancel', { by: 'ada' }]]);
  });

  test('resume that takes over without a terminal approves nothing, and says how to', async () => {
    const pause = gate({ gateId: 'g-1', kind: 'pause', actions: ['resume', 'cancel'] });
    const { io, run, control } = fakeCommandLine(execution({ status: 'paused', gates: [pause] }), {
      onSleep: () => (control.state.view = completed),
    });
    expect(await run('executions', 'resume', 'latest', '--data-dir', dir)).toBe(0);
    expect(control.calls).toEqual([]);
    expect(io.out[0]).toContain('It waits at the pause after wave 2, and this does not approve it.');
    expect(io.out[0]).toContain(`breakwater executions resume exec-12345 --data-dir ${dir}`);
  });

  test('resume --auto-resume that takes over opens the pause after a moment', async () => {
    const pause = gate({ gateId: 'g-1', kind: 'pause', actions: ['resume', 'cancel'] });
    const { run, control } = fakeCommandLine(execution({ status: 'paused', gates: [pause] }));
    control.resume = async (params) => {
      control.calls.push(['resume', params]);
      control.state.view = completed;
    };
    expect(await run('executions', 'resume', 'latest', '--auto-resume', '--data-dir', dir)).toBe(0);
    expect(control.calls).toMatchObject([['resume', { by: 'ada', reason: '--auto-resume' }]]);
  });

  test('an execution that ends in the moment after it was taken over is shown to its end, and was resumed well', async () => {
    const { run, control, io } = fakeCommandLine(completed, { recovered: ['exec-12345'] });
    control.resume = async () => {
      throw new BreakwaterError('ExecutionNotRunning', 'execution exec-12345 is completed');
    };
    expect(await run('executions', 'resume', 'latest', '--data-dir', dir)).toBe(0);
    expect(io.out.join('\n')).toContain('Report  ');
  });

  test('list and show say that nobody runs what an ended process has left, and how it goes on', async () => {
    const { io, run } = fakeCommandLine(execution(), { runsHere: false, nobodyRuns: true });
    await run('executions', 'list');
    await run('executions', 'show', 'latest');
    for (const text of io.out) {
      expect(text).toContain('in progress (nobody runs it)');
      expect(text).toContain('Nobody runs exec-12345. Go on with: breakwater executions resume exec-12345');
    }
    await run('executions', 'list', '--json');
    await run('executions', 'show', 'latest', '--json');
    expect(JSON.parse(io.out[2]!)).toMatchObject({ executions: [{ running: false }] });
    expect(JSON.parse(io.out[3]!)).toMatchObject({ status: 'in_progress', running: false });
  });

  test('what a process runs is shown as running, and what has ended needs nobody', async () => {
    const working = fakeCommandLine(execution(), { runsHere: false });
    await working.run('executions', 'show', 'latest', '--json');
    expect(JSON.parse(working.io.out[0]!)).toMatchObject({ running: true });
    const ended = fakeCommandLine(completed, { runsHere: false, nobodyRuns: true });
    await ended.run('executions', 'list');
    expect(ended.io.out[0]).not.toContain('nobody');
  });

  test('resume of an execution that waits opens its pause', async () => {
    const { run, control } = fakeCommandLine(execution({ gates: [gate()] }), { runsHere: false });
    await run('executions', 'resume', 'latest');
    expect(control.calls).toEqual([['resume', { executionId: 'exec-12345', by: 'ada' }]]);
  });

  test('resume says so when the execution waits for a decision instead', async () => {
    const decision = gate({ gateId: 'g-7', kind: 'decision', actions: ['retry', 'skip', 'cancel'] });
    const { io, run, control } = fakeCommandLine(execution({ gates: [decision] }), { runsHere: false });
    expect(await run('executions', 'resume', 'latest')).toBe(1);
    expect(io.err.join('\n')).toContain(
      'GateNotOpen: exec-12345 waits for a decision, not for a resume: breakwater executions decide exec-12345 --gate g-7 --action retry|skip|cancel',
    );
    expect(control.calls).toEqual([]);
  });

  test('export prints JSON, report writes a file and prints where', async () => {
    const { io, run } = fakeCommandLine();
    await run('executions', 'export', 'latest');
    expect(JSON.parse(io.out[0]!).execution.executionId).toBe('exec-12345');
    const out = join(dir, 'r.html');
    await run('executions', 'report', 'latest', '--out', out);
    expect(io.out[1]).toBe(out);
    expect(await readFile(out, 'utf8')).toMatch(/^<!doctype html>/);
  });

  test('a report that cannot be written is an error', async () => {
    const { io, run } = fakeCommandLine();
    expect(await run('executions', 'report', 'latest', '--out', join(plan, 'r.html'))).toBe(1);
    expect(io.err.join('\n')).toContain('DataDirectoryUnusable: ');
  });
});
