import { z } from 'zod';
import { expect, test } from 'vitest';
import type { Operation, OperationContext, Progress } from '#adapters/contract.ts';
import type { JsonObject } from '#core/json.ts';
import { failovers } from '#sim/services/rds/rows.ts';
import { ACCOUNT, type OperationCase } from './operation-case.ts';
import { runOperation } from './run-operation.ts';
import { verdictOn } from './test-operation.ts';

/** An operation as a hurried author would write it: it leaps before it looks. */
const naive: Operation = {
  technology: 'database',
  operation: 'naive',
  summary: 'calls, and hopes',
  resources: z.strictObject({}),
  parameters: z.strictObject({}),
  drillDefault: 'perform',
  iamActions: [],
  assess: async () => ({
    findings: [],
    resources: [],
    calls: [],
    quotas: [],
    estimatedMs: 0,
    estimateBasis: '',
  }),
  start: leap,
  poll: async (context) => ((await isAvailable(context)) ? done() : waiting()),
  undo: { irreversible: 'a test' },
};

async function leap(context: OperationContext): Promise<Progress<JsonObject>> {
  await context.aws.for(context).rds.failoverDBCluster({ DBClusterIdentifier: 'orders' }, context.signal);
  return waiting();
}

async function isAvailable(context: OperationContext): Promise<boolean> {
  const [cluster] = await context.aws.for(context).rds.describeDBClusters({ DBClusterIdentifier: 'orders' });
  return cluster?.Status === 'available';
}

function waiting(): Extract<Progress<JsonObject>, { status: 'in_progress' }> {
  return { status: 'in_progress', state: {}, waitMs: 60_000, outcomes: [] };
}

function done(): Progress<JsonObject> {
  return { status: 'completed', outcomes: [], results: {} };
}

const given: OperationCase = {
  name: 'a cluster',
  operation: naive,
  estate: { regions: { 'us-west-2': { rds: { clusters: [{ id: 'orders', failoverSeconds: 5 }] } } } },
  resources: {},
  countEffects: ({ world }) => failovers({ world, accountId: ACCOUNT, region: 'us-west-2' }).size,
  effects: 1,
  isDone: () => true,
};

test('the generic tests find nothing wrong with a run without trouble', async () => {
  expect(verdictOn(given, 'crash', await runOperation(given))).toBe('honest');
});

test('the generic tests find out an operation that acts again after its process died', async () => {
  const run = await runOperation(given, { crashAt: [1] });
  expect(run.crashes).toBe(1);
  expect(verdictOn(given, 'crash', run)).toBe('2 effects instead of 1');
});

test('the generic tests find out an operation that says it is done when it is not', async () => {
  const lying = { ...given, isDone: () => false };
  expect(verdictOn(lying, 'staleReads', await runOperation(lying))).toBe('completed, but not done');
});

test('the generic tests find out an operation that never ends', async () => {
  const patient = { ...given, operation: { ...naive, poll: async () => waiting() } };
  expect(verdictOn(patient, 'crash', await runOperation(patient))).toBe('never ended');
});

test('the generic tests find out an operation that fails without a reason', async () => {
  const mute = {
    ...given,
    operation: { ...naive, poll: async () => ({ status: 'failed' as const, outcomes: [], results: {} }) },
  };
  expect(verdictOn(mute, 'throttle', await runOperation(mute))).toBe('failed without a reason');
});

test('the generic tests find out an operation that gives up although the trouble has passed', async () => {
  const error = { code: 'X', message: 'no luck' };
  const hasty = {
    ...given,
    operation: {
      ...naive,
      poll: async () => ({ status: 'failed' as const, outcomes: [], results: {}, error }),
    },
  };
  const run = await runOperation(hasty);
  expect(verdictOn(hasty, 'throttle', run)).toBe('failed, although the trouble passed: no luck');
  expect(verdictOn({ ...hasty, mayFailAfter: { throttle: 'a reason' } }, 'throttle', run)).toBe('honest');
});

test('a process that has died does nothing more', async () => {
  const seen: string[] = [];
  const parallel = {
    ...given,
    operation: {
      ...naive,
      start: async (context: OperationContext) => {
        const { rds } = context.aws.for(context);
        const other = rds.describeDBClusters({}).then(() => rds.describeDBClusters({}));
        void other.then(() => seen.push('went on'));
        await rds.describeDBInstances({});
        return waiting();
      },
    },
  };
  await runOperation(parallel, { crashAt: [1] });
  // Of the process that died nothing, of the one that followed it once.
  expect(seen).toEqual(['went on']);
});

test('a state that is larger than a record may be is a mistake', async () => {
  const large = {
    ...given,
    operation: { ...naive, start: async () => ({ ...waiting(), state: { text: 'x'.repeat(70_000) } }) },
  };
  await expect(runOperation(large)).rejects.toThrow('a state of 70011 bytes is too large');
});
