import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { HAS_PYTHON, runPython } from '../../test/support/python.ts';
import { runbooks } from '../src/automation/documents.ts';

interface Runbook {
  readonly mainSteps: readonly { readonly action: string; readonly inputs: { readonly Steps?: Step[] } }[];
}
type Step = Runbook['mainSteps'][number];

/** By name; the steps of a loop as a runbook besides, for the schema does not know loops. */
function contents(): Record<string, unknown> {
  return Object.fromEntries(
    runbooks('arn:aws:iam::111122223333:role/breakwater-automation').flatMap(({ name, content }) => {
      const loops = (content as unknown as Runbook).mainSteps.flatMap(({ inputs }) => inputs.Steps ?? []);
      const inside = { schemaVersion: '0.3', mainSteps: loops };
      return [[name, content], ...(loops.length === 0 ? [] : [[`${name} (loop)`, inside]])] as const;
    }),
  );
}

/** What AWS's schema has against them. */
const findings = (given: object) =>
  runPython(path.join(import.meta.dirname, 'proof/automation.py'), given) as string[];

/** What SSM takes today, and the schema of 2020 does not know. */
const NEWER: readonly { readonly what: RegExp; readonly source: string }[] = [
  {
    what: /: 'AWS::IAM::Role::Arn' is not one of \['String',/,
    source: 'https://docs.aws.amazon.com/systems-manager/latest/userguide/populating-input-parameters.html',
  },
  {
    what: /\/Runtime: 'python3\.11' is not one of \['python3\.6',/,
    source:
      'https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-executeScript.html',
  },
  {
    what: /\/action: 'aws:loop' is not one of \['aws:approve',/,
    source: 'https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-loop.html',
  },
];

describe.runIf(HAS_PYTHON)("AWS's own schema of Automation runbooks", () => {
  test('has nothing against ours but what is newer than it', () => {
    const all = findings(contents());
    expect(all.filter((line) => !NEWER.some(({ what }) => what.test(line)))).toEqual([]);
    // None is excused in vain.
    for (const { what } of NEWER) expect(all.some((line) => what.test(line))).toBe(true);
  });

  test.each([
    { name: 'an action that is none', step: { action: 'aws:sleepp', inputs: { Duration: 'PT1M' } } },
    { name: 'an input that is missing', step: { action: 'aws:invokeLambdaFunction', inputs: {} } },
    {
      name: 'a member that is none',
      step: { action: 'aws:sleep', inputs: { Duration: 'PT1M' }, retries: 3 },
    },
  ])('would find $name', ({ step }) => {
    const runbook = { schemaVersion: '0.3', mainSteps: [{ name: 'Step', ...step }] };
    expect(findings({ runbook })).not.toEqual([]);
  });
});
