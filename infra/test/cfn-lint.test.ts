import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { STACKS, synthesize, type Assembly } from './support/assembly.ts';

// `pip install cfn-lint==1.58.0`; continuous integration does, and sets CFN_LINT_REQUIRED: without the linter it fails there.
const hasLinter = spawnSync('cfn-lint', ['--version']).status === 0;
const runs = hasLinter || process.env['CFN_LINT_REQUIRED'] === '1';

let assembly: Assembly;
beforeAll(async () => void (assembly = await synthesize()));

interface Finding {
  readonly Rule: { readonly Id: string };
  readonly Message: string;
}

/** What it may find, and why that is no fault. */
const EXCUSED: readonly { readonly rule: string; readonly message: RegExp }[] = [
  // CDK lets a function wait for its role's policies, and names the role among them.
  { rule: 'W3005', message: /^'\w+' dependency already enforced by a 'GetAtt' at '[\w/]+\/Role(Arn)?'$/ },
  // Its schema of state machines knows numbers alone. With JSONata an expression may stand here:
  // https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html
  { rule: 'E3601', message: /^'\{% \$[\w.]+ %\}' is not of type 'number' at '[\w/]+\/TimeoutSeconds'$/ },
];

test.runIf(runs).each(STACKS)('cfn-lint has nothing against %s', (stack) => {
  const file = path.join(assembly.folder, `${stack}.template.json`);
  const { stdout, error } = spawnSync('cfn-lint', ['--format', 'json', file], { encoding: 'utf8' });
  expect(error).toBeUndefined();
  const findings = JSON.parse(stdout) as Finding[];
  const open = findings.filter(
    ({ Rule, Message }) => !EXCUSED.some(({ rule, message }) => rule === Rule.Id && message.test(Message)),
  );
  expect(open.map(({ Rule, Message }) => `${Rule.Id} ${Message}`)).toEqual([]);
});

test.runIf(runs)('cfn-lint has nothing against the template for StackSets', () => {
  const file = path.join(import.meta.dirname, '../target-account.yaml');
  const { stdout } = spawnSync('cfn-lint', ['--format', 'json', file], { encoding: 'utf8' });
  expect(JSON.parse(stdout)).toEqual([]);
});
