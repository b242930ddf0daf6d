import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from './commands/table.ts';
import { execution, fakeCommandLine, gate, type FakeIo } from './testing.ts';

const said = (io: FakeIo): string => [...io.out, ...io.err].join('\n');

test('--version prints the version of the package', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const { io, run } = fakeCommandLine();
  expect(await run('--version')).toBe(0);
  expect(said(io)).toBe(version);
});

describe('help', () => {
  test('lists the commands', async () => {
    const { io, run } = fakeCommandLine();
    expect(await run('--help')).toBe(0);
    expect(said(io)).toMatch(/validate.*\n.*run.*\n.*executions.*\n.*discover.*\n.*simulate/);
  });

  test.each(COMMANDS.map(({ name }) => ({ name })))(
    'of $name has examples and exit codes',
    async ({ name }) => {
      const { io, run } = fakeCommandLine();
      expect(await run(...name.split(' '), '--help')).toBe(0);
      expect(said(io)).toMatch(/Examples:\n {2}breakwater /);
      expect(said(io)).toMatch(/Exit codes:\n {2}0 /);
    },
  );

  test('is shown on stderr when no command is given, which is an error', async () => {
    const { io, run } = fakeCommandLine();
    expect(await run()).toBe(1);
    expect(io.err.join('\n')).toContain('Usage: breakwater');
    expect(io.out).toEqual([]);
  });
});

describe('wrong usage ends with 1, says what was wrong, and starts nothing', () => {
  test.each([
    { argv: ['exections', 'list'], says: "unknown command 'exections' (Did you mean executions?)" },
    { argv: ['executions', 'lst'], says: "unknown command 'lst' (Did you mean list?)" },
    { argv: ['run', 'p', '--dril'], says: "unknown option '--dril' (Did you mean --drill?)" },
    { argv: ['run'], says: "missing required argument 'PLAN'" },
    { argv: ['run', 'p'], says: 'give either --drill or --recovery' },
    { argv: ['run', 'p', '--drill', '--recovery'], says: 'give either --drill or --recovery' },
    { argv: ['run', 'p', '--drill', '--speed', '60'], says: 'needs --scenario' },
    {
      argv: ['run', 'p', '--drill', '--scenario', 's', '--speed', 'fast'],
      says: '--speed "fast" (expected a number above 0)',
    },
    { argv: ['run', 'p', '--drill', '--scenario', 's', '--seed', '1'], says: '--seed "1" (needs --virtual)' },
    { argv: ['executions', 'decide', 'x', '--action', 'skip'], says: 'skip needs --reason' },
    { argv: ['executions', 'decide', 'x', '--action', 'jump'], says: '--action "jump"' },
    {
      argv: ['discover', '--tags', 'nonsense'],
      says: '--tags "nonsense" (expected KEY=VALUE, several with commas between)',
    },
    {
      argv: ['discover', '--tags', 'a=b', '--technologies', 'drs,dns'],
      says: 'expected drs, database, application, infrastructure',
    },
    { argv: ['simulate', '--scenario', 's', '--port', '70000'], says: 'expected a port below 65536' },
  ])('$argv', async ({ argv, says }) => {
    const { io, run, log } = fakeCommandLine();
    expect(await run(...argv)).toBe(1);
    expect(io.err.join('\n')).toContain('UsageInvalid: ');
    expect(io.err.join('\n')).toContain(says);
    expect(log).toEqual([]);
  });
});

describe('a server', () => {
  test('is chosen by --api and --auth on each command that can work with one, and on no other', async () => {
    const others = COMMANDS.filter(({ asksServer }) => !asksServer);
    expect(others.map(({ name }) => name)).toEqual([
      'simulate',
      'serve',
      'login',
      'logout',
      'doctor',
      'deploy',
    ]);
    const { run, log } = fakeCommandLine();
    expect(await run('executions', 'list', '--api', 'https://h/v1', '--auth', 'iam')).toBe(0);
    expect(log).toEqual(['at {"api":"https://h/v1","auth":"iam"}', 'connect to look', 'close']);
  });

  test('that was chosen stands in the commands that are proposed', async () => {
    const { io, run } = fakeCommandLine(execution({ gates: [gate()] }));
    expect(await run('executions', 'show', 'exec-12345', '--api', 'https://h/v1', '--auth', 'iam')).toBe(0);
    expect(said(io)).toContain('breakwater executions resume exec-12345 --api https://h/v1 --auth iam');
  });

  test('is asked in no way that there is not', async () => {
    const { io, run, log } = fakeCommandLine();
    expect(await run('validate', 'p', '--auth', 'saml')).toBe(1);
    expect(said(io)).toContain('--auth "saml" (expected token, iam, cognito)');
    expect(log).toEqual([]);
  });
});
