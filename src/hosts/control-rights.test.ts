import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { assessActions } from '#adapters/policy.ts';
import { OPERATIONS } from '#adapters/registry.ts';
import { CONTROL_RIGHTS } from './control-rights.ts';

const control = new URL('../control/', import.meta.url);

/** The services of the door by the names that code calls them by; the prefix of their actions. */
const PREFIXES: Readonly<Record<string, string>> = {
  drs: 'drs',
  ec2: 'ec2',
  rds: 'rds',
  ssm: 'ssm',
  lambda: 'lambda',
  route53: 'route53',
  elbv2: 'elasticloadbalancing',
  quotas: 'servicequotas',
  tagging: 'tag',
  sns: 'sns',
  events: 'events',
};
const CALL = new RegExp(String.raw`\b(${Object.keys(PREFIXES).join('|')})\.([a-z]\w+)\(`, 'g');
/** Of our own events, and of lists. */
const NO_CALL = /^events:(?!Describe|Put)|:Map$/;

/** The IAM actions of all calls that the sources of the control plane make. `doctor` looks with the rights of whoever calls it. */
function calledActions(): string[] {
  const files = readdirSync(control, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.includes('test') && !file.startsWith('doctor'),
  );
  const found = files.flatMap((file) =>
    [...readFileSync(new URL(file, control), 'utf8').matchAll(CALL)].map(
      ([, service, call]) => `${PREFIXES[service!]}:${call![0]!.toUpperCase()}${call!.slice(1)}`,
    ),
  );
  return [...new Set(found)].filter((action) => !NO_CALL.test(action)).sort();
}

const declared = CONTROL_RIGHTS.flatMap(({ actions }) => actions);
const called = calledActions();

test('the control plane has the right to every call that it makes', () => {
  expect(called).toContain('drs:UntagResource');
  const allowed = new Set([...declared, ...assessActions(OPERATIONS)]);
  expect(called.filter((action) => !allowed.has(action))).toEqual([]);
});

test('the control plane has no right that it never uses, but those that DRS uses in its name', () => {
  expect(declared.filter((action) => !called.includes(action))).toEqual([
    'ec2:CreateLaunchTemplateVersion',
    'ec2:ModifyLaunchTemplate',
  ]);
});
