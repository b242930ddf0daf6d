import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BreakwaterError } from '#core/errors.ts';
import {
  at,
  completed,
  event,
  execution,
  fakeCommandLine,
  gate,
  technology,
  wave,
  type FakeIo,
} from '../testing.ts';

const PLAN = `name: Core banking
waves:
  - waveNumber: 1
    name: Servers
    technologies:
      - type: drs
        operation: recovery
        resources: { protectionGroups: [pg-app-servers] }
`;

let dir: string;
let plan: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'breakwater-cli-'));
  plan = join(dir, 'plan.yaml');
  await writeFile(plan, PLAN);
});
afterEach(() => rm(dir, { recursive: true }));

const said = (io: FakeIo): string => [...io.out, ...io.err].join('\n');

describe('run', () => {
  test('starts the plan, shows its events, sums up, writes export and report, and ends with 0', async () => {
    const { io, run, control, log, opened } = fakeCommandLine();
    const code = await run(
      'run',
      plan,
      '--drill',
      '--scenario',
      'e.yaml',
      '--speed',
      '60',
      '--data-dir',
      dir,
    );
    expect(code).toBe(0);
    expect(opened).toEqual([{ dataDir: dir, scenario: 'e.yaml', time: { kind: 'scaled', speed: 60 } }]);
    expect(control.calls).toMatchObject([
      [
        'startExecution',
        { mode: 'drill', initiatedBy: 'ada', autoResume: false, plan: { name: 'Core banking' } },
      ],
    ]);
    expect(io.out[0]).toBe('      +0s · drill of Core banking started by ada');
    expect(io.out.join('\n')).toContain('✓ Core banking · drill completed');
    expect(io.out.join('\n')).toContain(
      '✓ Within the recovery time objective of 4h 00m: took 30m 00s, 0s of it waiting for people',
    );
    const folder = join(dir, 'executions', 'exec-12345');
    expect(JSON.parse(await readFile(join(folder, 'export.json'), 'utf8'))).toMatchObject({
      rto: { met: true },
    });
    expect(await readFile(join(folder, 'report.html'), 'utf8')).toContain('<h1>Core banking</h1>');
    expect(log).toEqual(['open', 'close']);
  });

  test('with --json prints one event a line, then the result, and nothing else on stdout', async () => {
    const { io, run } = fakeCommandLine();
    await run('run', plan, '--drill', '--auto-resume', '--json', '--data-dir', dir);
    expect(io.out.map((line) => JSON.parse(line))).toEqual([
      event(),
      {
        result: {
          executionId: 'exec-12345',
          status: 'completed',
          outcome: 'clean',
          rto: { objective: 'PT4H', actual: 'PT30M', waitedForPeople: 'PT0S', met: true },
          rpo: { objective: 'PT15M' },
          exportPath: join(dir, 'executions', 'exec-12345', 'export.json'),
          reportPath: join(dir, 'executions', 'exec-12345', 'report.html'),
        },
      },
    ]);
    expect(io.err).toEqual(['Pauses end by themselves after a moment (--auto-resume).']);
  });

  test.each([
    { status: 'failed', code: 2 },
    { status: 'cancelled', code: 3 },
  ] as const)('ends with $code when the execution is $status', async ({ status, code }) => {
    const { run } = fakeCommandLine(execution({ status, completedAt: at(60) }));
    expect(await run('run', plan, '--drill', '--data-dir', dir)).toBe(code);
  });

  test('in virtual time asks nobody and resumes by itself', async () => {
    const { run, control, opened } = fakeCommandLine(completed, { interactive: true });
    await run('run', plan, '--drill', '--scenario', 'e', '--virtual', '--seed', '7', '--data-dir', dir);
    expect(opened[0]?.time).toEqual({ kind: 'virtual', seed: 7 });
    expect(control.calls).toMatchObject([['startExecution', { autoResume: true }]]);
  });

  test('says in the summary what failed and who skipped it', async () => {
    const skipped = gate({
      waveNumber: 1,
      kind: 'decision',
      status: 'closed',
      closedAt: at(1_260),
      resolution: { action: 'skip', by: 'grace', reason: 'it can wait' },
    });
    const failed = technology({
      status: 'skipped',
      outcomes: [{ resourceId: 's-1', status: 'failed', detail: 'no boot' }],
    });
    const view = {
      ...completed,
      gates: [skipped],
      waves: [wave({ status: 'completed', technologies: [failed] })],
    };
    const { io, run } = fakeCommandLine(view);
    await run('run', plan, '--drill', '--data-dir', dir);
    expect(io.out.join('\n')).toContain(
      '✗ wave 1, drs recovery: s-1 failed: no boot\n» wave 1: what failed was skipped by grace: it can wait',
    );
  });

  test('asks at a decision gate also with --auto-resume', async () => {
    const decision = gate({ gateId: 'g-7', kind: 'decision', actions: ['retry', 'skip', 'cancel'] });
    const { run, control } = fakeCommandLine(execution({ gates: [decision] }), {
      interactive: true,
      keys: ['return'],
    });
    control.decide = async (params) => {
      control.calls.push(['decide', params]);
      control.state.view = completed;
    };
    expect(await run('run', plan, '--drill', '--auto-resume', '--data-dir', dir)).toBe(0);
    expect(control.calls[1]).toMatchObject(['decide', { gateId: 'g-7', action: 'retry' }]);
  });

  test('with --auto-resume shows a pause for two seconds, then resumes and says why', async () => {
    const pause = gate({ gateId: 'g-1', kind: 'pause', actions: ['resume', 'cancel'] });
    const { io, run, control } = fakeCommandLine(execution({ gates: [pause] }));
    let shownMs = 0;
    control.resume = async (params) => {
      shownMs = io.slept.filter((ms) => ms === 100).length * 100;
      control.calls.push(['resume', params]);
      control.state.view = completed;
    };
    expect(await run('run', plan, '--drill', '--auto-resume', '--data-dir', dir)).toBe(0);
    expect(control.calls[1]).toMatchObject(['resume', { by: 'ada', reason: '--auto-resume' }]);
    expect(shownMs).toBe(2_000);
  });

  test.each([
    {
      name: 'cancels by itself in virtual time when nobody can be asked',
      argv: ['--virtual'],
      keys: [],
      reason: 'nobody can decide in virtual time',
    },
    {
      name: 'does what --on-decision says, also at a terminal',
      argv: ['--on-decision', 'cancel'],
      keys: [],
      interactive: true,
      reason: '--on-decision cancel',
    },
    {
      name: 'asks at a terminal in virtual time',
      argv: ['--virtual'],
      keys: ['right', 'right', 'return'],
      interactive: true,
      reason: undefined,
    },
  ])('where something has failed, $name', async ({ argv, keys, reason, interactive = false }) => {
    const decision = gate({ gateId: 'g-7', kind: 'decision', actions: ['retry', 'skip', 'cancel'] });
    const { run, control } = fakeCommandLine(execution({ gates: [decision] }), { interactive, keys });
    control.cancel = async (params) => {
      control.calls.push(['cancel', params]);
      control.state.view = { ...completed, status: 'cancelled' };
    };
    const base = ['run', plan, '--drill', '--scenario', 'estate.yaml', '--data-dir', dir];
    expect(await run(...base, ...argv)).toBe(3);
    const act = { executionId: 'exec-12345', by: 'ada', ...(reason === undefined ? {} : { reason }) };
    expect(control.calls[1]).toEqual(['cancel', act]);
  });

  test('goes on with an unfinished execution of the same plan, and starts no other', async () => {
    const { io, run, control } = fakeCommandLine(completed, { recovered: ['exec-12345'] });
    control.startExecution = async (params) => {
      control.calls.push(['startExecution', params]);
      return { executionId: 'exec-12345', joined: true };
    };
    expect(await run('run', plan, '--drill', '--data-dir', dir)).toBe(0);
    expect(control.calls).toMatchObject([
      ['startExecution', { joinUnfinished: true, wereUnfinished: ['exec-12345'] }],
    ]);
    expect(io.out).toEqual(
      expect.arrayContaining([
        'An earlier process left exec-12345 unfinished; it goes on.',
        'It runs this very plan, so no other is started.',
      ]),
    );
  });

  test('draws a live view at a terminal', async () => {
    const { io, run } = fakeCommandLine(completed, { interactive: true });
    await run('run', plan, '--drill', '--data-dir', dir);
    expect(io.drawings.at(-1)).toContain('✓ Core banking · drill · exec-12345');
  });

  test('of a plan that is not valid shows each finding with its place, and opens nothing', async () => {
    await writeFile(plan, PLAN.replace('operation:', 'operatoin:'));
    const { io, run, log } = fakeCommandLine();
    expect(await run('run', plan, '--drill')).toBe(1);
    expect(io.err.join('\n')).toBe(`PlanInvalid: ${plan} has 2 findings

${plan}:6:9  error  FieldMissing
    waves[0].technologies[0].operation: missing; expected text
    → Add it.
${plan}:7:20  error  FieldUnknown
    waves[0].technologies[0].operatoin: unknown field "operatoin"
    → Did you mean "operation"?

→ Mend each finding; it names the path, the value and what was expected.`);
    expect(log).toEqual([]);
  });

  test('shows findings about the estate where they stand in the plan file', async () => {
    const path = 'waves[0].technologies[0].resources.protectionGroups[0]';
    const finding = {
      level: 'error',
      rule: 'ResourceUnresolved',
      path,
      message: 'no server',
      remedy: 'Tag one.',
    };
    const { io, run, control, log } = fakeCommandLine();
    control.startExecution = async () => {
      throw new BreakwaterError('ValidationFailed', 'the plan cannot run', {
        details: { findings: [finding] },
      });
    };
    expect(await run('run', plan, '--drill')).toBe(1);
    expect(io.err.join('\n')).toContain(`${plan}:8:41  error  ResourceUnresolved\n    ${path}: no server`);
    expect(log).toEqual(['open', 'close']);
  });

  test('with --json gives an error as JSON, too', async () => {
    const { io, run } = fakeCommandLine();
    expect(await run('run', join(dir, 'nope.yaml'), '--drill', '--json')).toBe(1);
    expect(JSON.parse(io.out[0]!)).toMatchObject({ error: { code: 'PlanUnreadable' } });
  });

  test('hides where in the code an error arose unless --verbose', async () => {
    const quiet = fakeCommandLine();
    await quiet.run('run', join(dir, 'nope.yaml'), '--drill');
    expect(said(quiet.io)).not.toContain('plan-file.ts');
    const verbose = fakeCommandLine();
    await verbose.run('run', join(dir, 'nope.yaml'), '--drill', '--verbose');
    expect(said(verbose.io)).toContain('plan-file.ts');
  });
});

describe('run --recovery', () => {
  test.each([
    { name: 'another name is typed', options: { interactive: true, answers: ['Core Banking'] } },
    { name: 'the question is left', options: { interactive: true, answers: [] } },
    { name: 'nobody is at the terminal', options: {} },
    {
      name: 'stdout is for JSON',
      options: { interactive: true, answers: ['Core banking'] },
      argv: ['--json'],
    },
  ])('is declined when $name, and nothing is started', async ({ options, argv = [] }) => {
    const { io, run, log } = fakeCommandLine(completed, options);
    expect(await run('run', plan, '--recovery', ...argv)).toBe(1);
    expect(io.err.join('\n')).toContain('Declined: ');
    expect(log).toEqual([]);
  });

  test.each([
    { name: "the plan's name is typed", argv: [], options: { interactive: true, answers: ['Core banking'] } },
    { name: '--yes is given', argv: ['--yes'], options: {} },
  ])('is started when $name', async ({ argv, options }) => {
    const { run, control } = fakeCommandLine(completed, options);
    expect(await run('run', plan, '--recovery', '--data-dir', dir, ...argv)).toBe(0);
    expect(control.calls).toMatchObject([['startExecution', { mode: 'recovery' }]]);
  });
});

describe('validate', () => {
  test('ends with 0 and says how long it is expected to take', async () => {
    const { io, run, opened } = fakeCommandLine();
    expect(await run('validate', plan)).toBe(0);
    expect(opened).toEqual([{ dataDir: null, time: { kind: 'system' } }]);
    expect(io.out.join('\n')).toContain('✓ The plan is valid.');
  });

  test('ends with 1 and places what is wrong', async () => {
    const { io, run, control } = fakeCommandLine();
    const common = { path: 'waves[0].name', message: 'dull', remedy: 'Think.' };
    control.validatePlan = async () => ({
      findings: [
        { level: 'error', rule: 'NameDull', ...common },
        { level: 'warning', rule: 'NameShort', ...common },
      ],
      expectedDuration: 'PT0S',
      waves: [],
    });
    expect(await run('validate', plan)).toBe(1);
    expect(io.out.join('\n')).toContain(
      `${plan}:4:11  error  NameDull\n    waves[0].name: dull\n    → Think.`,
    );
    expect(io.out.join('\n')).toContain('✗ The plan is not valid: 1 error, 1 remark.');
  });
});
