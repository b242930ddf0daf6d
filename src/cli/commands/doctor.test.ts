import { expect, test } from 'vitest';
import type { CheckResult } from '#control/doctor/check.ts';
import type { DoctorParams } from '../host.ts';
import { fakeCommandLine } from '../testing.ts';

const result = (part: Partial<CheckResult>): CheckResult => ({
  group: 'clock',
  name: 'against AWS',
  status: 'ok',
  found: 'in time',
  remedy: '',
  durationMs: 3,
  ...part,
});
const LATE = result({ status: 'failed', found: '301 s behind', remedy: 'Set the clock.' });

function commandLine(results: readonly CheckResult[], options: { interactive?: boolean } = {}) {
  const made = fakeCommandLine(undefined, options);
  const asked: Omit<DoctorParams, 'onChange'>[] = [];
  made.local.doctor = async ({ onChange, ...params }) => {
    asked.push(params);
    onChange(['clock: against AWS'], 3);
    return results;
  };
  return { ...made, asked };
}

test('what was found stands by groups, with what to do, and a failure ends with 1', async () => {
  const { io, run, asked } = commandLine([
    result({}),
    LATE,
    result({ group: 'records', name: 'x', status: 'not_simulated', found: 'not simulated' }),
    result({ group: 'records', name: 'y', status: 'warning', found: 'no recovery', remedy: 'Deploy it.' }),
  ]);
  expect(await run('doctor', '--aws', '--table-prefix', 'bw-')).toBe(1);
  expect(asked).toEqual([{ dataDir: '.breakwater', aws: true, tablePrefix: 'bw-' }]);
  expect(io.out.join('\n')).toBe(
    [
      'clock',
      '  ✓ against AWS: in time',
      '  ✗ against AWS: 301 s behind',
      '      → Set the clock.',
      '',
      'records',
      '  – x: not simulated',
      '  ! y: no recovery',
      '      → Deploy it.',
      '',
      '✗ 1 failed, 1 warning, 1 not simulated',
    ].join('\n'),
  );
});

test('warnings leave the exit code at 0, and so does what is not simulated', async () => {
  const { io, run } = commandLine([result({ status: 'warning' }), result({ status: 'not_simulated' })]);
  expect(await run('doctor')).toBe(0);
  expect(io.out.at(-1)).toMatch(/✓ Nothing stands in the way, 1 warning, 1 not simulated$/);
});

test('--json prints one value with everything, and no progress', async () => {
  const { io, run } = commandLine([LATE], { interactive: true });
  expect(await run('doctor', '--json')).toBe(1);
  expect(io.out.map((line) => JSON.parse(line) as unknown)).toEqual([{ status: 'failed', checks: [LATE] }]);
  expect(io.drawings).toEqual([]);
});

test('a person sees what is waited for', async () => {
  const { io, run } = commandLine([result({})], { interactive: true });
  await run('doctor');
  expect(io.drawings).toEqual(['3 done, looking at clock: against AWS']);
});
