import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { deployPlan } from './deploy-plan.ts';

let root = '';
beforeEach(() => void (root = mkdtempSync(path.join(tmpdir(), 'breakwater-root-'))));
afterEach(() => rmSync(root, { recursive: true }));

/** A working tree whose CDK app does this with the name of the file for its answer. */
function install(code: string): void {
  mkdirSync(path.join(root, 'infra/src'), { recursive: true });
  mkdirSync(path.join(root, 'node_modules/aws-cdk-lib'), { recursive: true });
  writeFileSync(path.join(root, 'node_modules/aws-cdk-lib/package.json'), '{}');
  const head = "import { writeFileSync } from 'node:fs'; const answer = process.argv[3];\n";
  writeFileSync(path.join(root, 'infra/src/plan.ts'), head + code);
}
const answering = (answer: object): string =>
  `writeFileSync(answer, ${JSON.stringify(JSON.stringify(answer))})`;
const plan = (settings?: string) => deployPlan(settings === undefined ? {} : { settings }, {}, root);

test('without the packages of the CDK app it says how to install them', async () => {
  await expect(plan()).rejects.toMatchObject({
    code: 'DeploymentToolsMissing',
    remedy: 'Install the packages of the CDK app with `npm ci`, in the working tree.',
  });
});

test('the answer of the CDK app is the plan, whatever else it prints', async () => {
  install(`console.log('words'); ${answering({ plan: { region: 'eu-west-1', stacks: [] } })}`);
  expect(await plan()).toEqual({ region: 'eu-west-1', stacks: [] });
});

test('settings are found from where one stands', async () => {
  install('writeFileSync(answer, JSON.stringify({ plan: process.argv.slice(4) }))');
  expect(await plan('s.json')).toEqual(['--settings', path.resolve('s.json')]);
});

test.each([
  { failed: 'synthesis', code: 'DeploymentInvalid' },
  { failed: 'reading', code: 'DeploymentUnreadable' },
])('trouble with the $failed is $code', async ({ failed, code }) => {
  install(answering({ failed, message: 'AccessDenied: not for you' }));
  await expect(plan()).rejects.toMatchObject({ code, message: 'AccessDenied: not for you' });
});

test('an app that breaks is told with what it said', async () => {
  install("process.stderr.write('no such construct'); process.exit(1)");
  await expect(plan()).rejects.toMatchObject({
    code: 'DeploymentInvalid',
    message: expect.stringContaining('no such construct'),
  });
});

test('settings that are not right are told with every finding', async () => {
  const finding = { level: 'error', rule: 'ValueInvalid', path: 'auth', message: 'no', remedy: 'Mend it.' };
  install(
    answering({
      failed: 'synthesis',
      message: 'the settings are not right',
      file: 's.json',
      findings: [finding],
    }),
  );
  await expect(plan('s.json')).rejects.toMatchObject({
    code: 'DeploymentInvalid',
    details: { file: 's.json', findings: [finding] },
  });
});
