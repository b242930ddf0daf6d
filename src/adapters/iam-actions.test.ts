import { readdirSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import type { AwsCallRecord } from '#aws/options.ts';
import type { Operation } from './contract.ts';
import { OPERATIONS } from './registry.ts';
import type { OperationCase } from './testing/operation-case.ts';
import { runOperation, runUndo, setStage } from './testing/run-operation.ts';

const here = new URL('.', import.meta.url);
const caseFiles = readdirSync(here, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.cases.ts'),
);
const modules = await Promise.all(
  caseFiles.map((file) => import(new URL(file, here).href) as Promise<{ cases: readonly OperationCase[] }>),
);
const cases = modules.flatMap((module) => module.cases);

const nameOf = ({ technology, operation }: Operation): string => `${technology}/${operation}`;

/** The IAM actions of the calls that each operation has made. */
const called = new Map(OPERATIONS.map((operation) => [nameOf(operation), new Set<string>()]));
/** The operation at work: a case may run one to prepare the ground for another. One call follows the other. */
let atWork = '';

function record({ service, iamAction }: AwsCallRecord): void {
  // The door's own, to learn which account it is in. It needs no permission:
  // https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
  if (service !== 'sts') called.get(atWork)!.add(iamAction);
}

function watch(operation: Operation): void {
  const note =
    <A extends unknown[], R>(run: (...args: A) => R) =>
    (...args: A): R => {
      atWork = nameOf(operation);
      return run(...args);
    };
  const { assess, start, poll, cancel, undo } = operation;
  Object.assign(operation, { assess: note(assess), start: note(start), poll: note(poll) });
  if (cancel) Object.assign(operation, { cancel: note(cancel) });
  if ('run' in undo) Object.assign(undo, { run: note(undo.run) });
}

/** Assesses it, runs it, runs it while answers are lost, stops it half way, undoes it. */
async function runInAllWays(given: OperationCase): Promise<void> {
  const onCall = record;
  const stage = setStage(given, { onCall });
  await stage.clock.sleep(60_000);
  // One that only prepares the ground for another is not in the registry.
  if (OPERATIONS.includes(given.operation)) await given.operation.assess(stage.context(), stage.input);
  const begun = await given.operation.start(stage.context(), stage.input);
  if (begun.status === 'in_progress')
    await given.operation.cancel?.(stage.context(), stage.input, begun.state);
  await runOperation(given, { onCall });
  for (const seed of [1, 2, 3])
    await runOperation(given, { onCall, seed, faults: [{ fault: 'responseLost', probability: 0.3 }] });
  if (given.undone) await runUndo(given, { onCall });
}

beforeAll(async () => {
  for (const operation of OPERATIONS) watch(operation);
  for (const given of cases) await runInAllWays(given);
});

const named = OPERATIONS.map((operation) => ({ name: nameOf(operation), operation }));

test.each(named)('$name declares the IAM actions of all its calls', ({ name, operation }) => {
  const declared = new Set(operation.iamActions);
  expect([...called.get(name)!].filter((action) => !declared.has(action))).toEqual([]);
});

test.each(named)('$name declares no IAM action that it never uses', ({ name, operation }) => {
  expect(operation.iamActions.filter((action) => !called.get(name)!.has(action))).toEqual([]);
});

test.each(named)('what AWS does for $name is done when one of its calls is made', ({ operation }) => {
  for (const { calledWith, actions, source } of operation.dependentActions ?? []) {
    expect(operation.iamActions).toContain(calledWith);
    expect(actions.length).toBeGreaterThan(0);
    expect(source).not.toBe('');
  }
});
