import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const INFRA = path.dirname(import.meta.dirname);

/** As npm runs it: in the folder of the workspace, called from another. */
function synth(calledFrom: string, ...args: string[]): { status: number | null; out: string; said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['src/main.ts', ...args], {
    cwd: INFRA,
    encoding: 'utf8',
    env: { ...process.env, INIT_CWD: calledFrom },
  });
  return { status, out: stdout, said: stderr };
}

describe('npm run synth -w infra', () => {
  test('looks for the settings where it was called, not in its own folder', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'breakwater-synth-'));
    writeFileSync(path.join(folder, 'mine.json'), '{"auth":"basic"}');
    expect(synth(folder, '--settings', 'mine.json')).toEqual({
      status: 1,
      out: '',
      said:
        `${path.join(folder, 'mine.json')} is not right:\n` +
        '  - auth: expected one of cognito, iam, found the text "basic". Write one of cognito, iam.\n',
    });
  });

  test('writes templates and functions where it is told, and nothing that another synthesis writes too', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'breakwater-synth-'));
    const bundled = path.join(INFRA, 'dist/functions');
    rmSync(bundled, { recursive: true, force: true });
    const { status, out, said } = synth(folder, '--out', 'mine');
    expect({ status, said }).toEqual({ status: 0, said: '' });
    const records = path.join(folder, 'mine/BreakwaterRecords.template.json');
    expect(out).toContain(`BreakwaterRecords: ${records}\n`);
    expect(existsSync(records)).toBe(true);
    expect(readdirSync(path.join(folder, 'mine')).filter((name) => name.startsWith('asset.'))).toHaveLength(
      8,
    );
    expect(existsSync(bundled)).toBe(false);
  }, 300_000);

  test('names an option that it does not know, without a stack trace', () => {
    const { status, said } = synth(INFRA, '--setings', 'mine.json');
    expect(status).toBe(1);
    expect(said).toMatch(/^Unknown option '--setings'/);
    expect(said).not.toContain(' at ');
  });

  test('explains itself', () => {
    const { status, out } = synth(INFRA, '--help');
    expect(status).toBe(0);
    expect(out).toMatch(
      /^Usage: npm run synth -w infra[^]*--settings <file>[^]*--out <folder>[^]*--policies/,
    );
  });
});
