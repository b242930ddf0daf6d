import { createHash } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { virtualClock } from '#clocks/virtual.ts';
import { BreakwaterError } from '#core/errors.ts';
import { Plan } from '#core/plan.ts';
import { planOf, STARTS_AT, workbench, type Bench } from '#workflow/testing/bench.ts';
import type { AuditEntry } from './audit-log.ts';
import type { Control } from './control.ts';
import { createEventBus } from './event-bus.ts';
import { createExecutionRequests, type StartRequest } from './execution-requests.ts';
import { keptAudit } from './testing/kept-audit.ts';

let bench: Bench;
let audited: AuditEntry[];
let plans: Record<string, object>;
/** What a crash does: nothing after it happens any more. */
const crash = new BreakwaterError('EngineClosed', 'the process has died');

beforeEach(() => {
  bench = workbench();
  audited = [];
  plans = { web: planOf([{}]) };
});

/** A process on the records of the bench; the next one knows nothing of what the last had in memory. */
function requestsOn(control: Control = bench.control) {
  const deps = {
    ...bench.deps,
    hash: (text: string) => createHash('sha256').update(text).digest('hex'),
    clock: virtualClock({ startsAt: STARTS_AT }),
    realNow: () => STARTS_AT,
    audit: keptAudit(audited),
    events: createEventBus(),
    newSecret: () => 'secret',
    sign: () => 'signature',
  };
  return createExecutionRequests(deps, {
    control,
    planOf: async (planId) => {
      if (plans[planId] !== undefined) return Plan.parse(plans[planId]);
      throw new BreakwaterError('NotFound', `there is no plan ${planId}`);
    },
  });
}

function process(control?: Control) {
  const requests = requestsOn(control);
  return (request: Partial<StartRequest> = {}, by = 'token:ci') =>
    requests.start({ planId: 'web', mode: 'drill', idempotencyKey: 'k', ...request }, { by });
}

const codeOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'started',
    (error: unknown) => (error as BreakwaterError).code,
  );
const executions = async () => (await bench.control.listExecutions()).executions.length;

test('the id of the request is in the events of what it asked for, and in the evidence', async () => {
  const requests = requestsOn();
  const by = 'token:ci';
  const { executionId } = await requests.start({ planId: 'web', mode: 'drill' }, { by, requestId: 'r-1' });
  await requests.pause({ executionId }, { by, requestId: 'r-2' });
  await requests.resume({ executionId }, { by, requestId: 'r-3' });
  await requests.cancel({ executionId }, { by, requestId: 'r-4' });
  const events = await bench.control.listEvents({ executionId });
  const asked = events.filter(({ data }) => data['requestId'] !== undefined);
  expect(asked.map(({ code, data }) => [code, data['requestId']])).toEqual([
    ['ExecutionStarted', 'r-1'],
    ['ExecutionPauseRequested', 'r-2'],
    ['ExecutionResumed', 'r-3'],
    ['ExecutionCancelRequested', 'r-4'],
  ]);
  expect(audited.map(({ requestId }) => requestId)).toEqual(['r-1', 'r-2', 'r-3', 'r-4']);
});

test('a start that fails leaves its key free, for the mended request as for the same', async () => {
  const start = process();
  const broken = Plan.parse(planOf([{ operation: 'unknown' }]));
  expect(await codeOf(start({ planId: undefined, plan: broken }))).toBe('ValidationFailed');
  expect(await codeOf(start({ planId: undefined, plan: broken }))).toBe('ValidationFailed');
  expect(await codeOf(start({ planId: 'nothing' }))).toBe('NotFound');
  const { executionId, joined } = await start();
  expect(joined).toBe(false);
  expect(await start()).toEqual({ executionId, joined: true });
  expect(await codeOf(start({ mode: 'recovery' }))).toBe('IdempotencyKeyReused');
  expect(await executions()).toBe(1);
});

test('a start that is answered by its key needs its plan no more', async () => {
  const start = process();
  const { executionId } = await start();
  plans = {};
  expect(await start()).toEqual({ executionId, joined: true });
});

test('different requests that come at once with one key are one execution, and the others are refused', async () => {
  const start = process();
  const modes = ['drill', 'recovery', 'drill', 'recovery'] as const;
  const answers = await Promise.all(modes.map((mode) => codeOf(start({ mode }))));
  expect(answers).toEqual(['started', 'IdempotencyKeyReused', 'started', 'IdempotencyKeyReused']);
  expect(await executions()).toBe(1);
});

test('one that waits behind a start that fails has the key', async () => {
  const start = process();
  const broken = { planId: undefined, plan: Plan.parse(planOf([{ operation: 'unknown' }])) };
  expect(await Promise.all([codeOf(start(broken)), codeOf(start())])).toEqual([
    'ValidationFailed',
    'started',
  ]);
});

test('a crash before the execution exists leaves the key free', async () => {
  const dying = process({ ...bench.control, startExecution: () => Promise.reject(crash) });
  expect(await codeOf(dying())).toBe('EngineClosed');
  expect(await codeOf(process()({ mode: 'recovery' }))).toBe('started');
});

test('a crash once the execution exists keeps the key, though nobody was told of the execution', async () => {
  let executionId = '';
  const startExecution: Control['startExecution'] = async (params) => {
    ({ executionId } = await bench.control.startExecution(params));
    throw crash;
  };
  expect(await codeOf(process({ ...bench.control, startExecution })())).toBe('EngineClosed');
  const after = process();
  expect(await codeOf(after({ mode: 'recovery' }))).toBe('IdempotencyKeyReused');
  expect(await after()).toEqual({ executionId, joined: true });
  expect(await executions()).toBe(1);
});

test('a crash between the claim of an id and its records leaves the key free, and the id is used', async () => {
  const { executions: repository } = bench.services;
  const create = repository.create.bind(repository);
  repository.create = () => Promise.reject(crash);
  expect(await codeOf(process()())).toBe('EngineClosed');
  repository.create = create;
  expect(await codeOf(process()({ mode: 'recovery' }))).toBe('started');
  expect(await executions()).toBe(1);
});

test('a key by which an unfinished execution was joined stands for that execution, also when it has ended', async () => {
  const start = process();
  const { executionId } = await start({ idempotencyKey: undefined });
  expect(await start({ joinUnfinished: true })).toEqual({ executionId, joined: true });
  await bench.services.executions.change(executionId, (change) => {
    const head = change.head();
    change.putHead({ ...head, status: 'cancelled', completedAt: '2026-01-07T11:00:00.000Z' });
  });
  expect(await start({ joinUnfinished: true })).toEqual({ executionId, joined: true });
});

test('the key of one principal is not that of another', async () => {
  const start = process();
  const [mine, theirs] = [await start(), await start({ mode: 'recovery' }, 'token:other')];
  expect(mine.executionId).not.toBe(theirs.executionId);
  expect(audited.map(({ action, by }) => [action, by])).toEqual([
    ['execution.start', 'token:ci'],
    ['execution.start', 'token:other'],
  ]);
});
