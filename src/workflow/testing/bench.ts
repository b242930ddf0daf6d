import { z } from 'zod';
import type { Operation, Progress } from '#adapters/contract.ts';
import { createControl } from '#control/create-control.ts';
import type { Control } from '#control/control.ts';
import type { ControlDeps } from '#control/deps.ts';
import type { ErrorCode } from '#core/error-codes.ts';
import { BreakwaterError, isBreakwaterError } from '#core/errors.ts';
import type { Json, JsonObject } from '#core/json.ts';
import { Plan } from '#core/plan.ts';
import type { Engine } from '#engine/port.ts';
import { refusingEngine } from '#engine/refusing-engine.ts';
import { ExecutionRepository } from '#store/executions.ts';
import { LockRepository } from '#store/locks.ts';
import { memoryStore } from '#store/memory-store.ts';
import type { Services } from '../services.ts';

/** A workbench for handlers: a store in memory, a clock that is set by hand, scripted operations, and no engine. */
export interface Bench {
  readonly services: Services;
  readonly control: Control;
  /** What `control` stands on. */
  readonly deps: ControlDeps;
  /** What every technology resolves to. */
  readonly resources: string[];
  /** Tokens that were completed, in order, with what they were completed with. */
  readonly completed: { token: string; output: Json }[];
  /** What the scripted operations were asked, in order: `start a1`, `poll {"n":1}`, `cancel`, `assess`. */
  readonly asked: string[];
  /** Answers of `start` and `poll`, in order; an error is thrown, also by `cancel`. When they run out, the operation completes. */
  readonly answers: (Progress<JsonObject> | BreakwaterError)[];
  /** What `assess` finds. */
  readonly findings: {
    level: 'error' | 'warning';
    rule: string;
    path: string;
    message: string;
    remedy: string;
  }[];
  now: number;
  start(plan: object, mode?: 'drill' | 'recovery'): Promise<string>;
}

export const STARTS_AT = Date.parse('2026-01-07T10:00:00.000Z');

export function workbench(): Bench {
  const store = memoryStore();
  const completed: Bench['completed'] = [];
  const [asked, answers, findings]: [Bench['asked'], Bench['answers'], Bench['findings']] = [[], [], []];
  const signal = new AbortController().signal;
  const bench: Scripted & Pick<Bench, 'completed' | 'now'> = {
    now: STARTS_AT,
    completed,
    asked,
    answers,
    findings,
    resources: ['r-1'],
  };
  const services: Services = {
    executions: new ExecutionRepository({ store, now: () => bench.now }),
    locks: new LockRepository(store),
    // Scripted operations do not open the door.
    awsFor: () => ({ for: () => ({}) as never }),
    findOperation: (type, operation) => {
      if (operation === 'unknown')
        throw new BreakwaterError('OperationUnknown', `there is no operation ${type}/${operation}`);
      return scripted(bench, operation === 'cancellable');
    },
    storedProtectionGroup: async () => null,
    solution: async () => null,
    completeTask: async (token, output) => completed.push({ token, output }) > 0,
    now: () => bench.now,
    signal,
  };
  let ids = 0;
  const deps = {
    engine: noEngine(),
    simulated: true,
    store,
    services,
    newId: (prefix: string) => `${prefix}${++ids}`,
    hash: (text: string) => `hash${text.length}`,
  };
  const control = createControl(deps);
  return Object.assign(bench, {
    services,
    control,
    deps,
    start: async (plan: object, mode: 'drill' | 'recovery' = 'recovery') =>
      (await control.startExecution({ plan: Plan.parse(plan), mode, initiatedBy: 'ana' })).executionId,
  });
}

/** A plan of waves of scripted technologies: `planOf([{}, {}])` has one wave with two. */
export function planOf(...waves: object[][]): object {
  return {
    waves: waves.map((technologies, i) => ({
      waveNumber: i + 1,
      name: `Wave ${i + 1}`,
      technologies: technologies.map((given) => ({ type: 'scripted', operation: 'run', ...given })),
    })),
  };
}

/** An answer that is not the last. */
export function underWay(state: JsonObject, waitMs = 10_000, detail = 'working'): Progress<JsonObject> {
  return {
    status: 'in_progress',
    state,
    waitMs,
    outcomes: [{ resourceId: 'r-1', status: 'in_progress' }],
    detail,
  };
}

export function failed(...resourceIds: string[]): Progress<JsonObject> {
  return {
    status: 'failed',
    results: { tried: true },
    outcomes: resourceIds.map((resourceId) => ({
      resourceId,
      status: 'failed',
      error: { code: 'X', message: 'broken' },
    })),
  };
}

export function completed(...resourceIds: string[]): Progress<JsonObject> {
  return {
    status: 'completed',
    results: { done: true },
    outcomes: resourceIds.map((resourceId) => ({ resourceId, status: 'completed' })),
  };
}

type Scripted = Pick<Bench, 'asked' | 'answers' | 'findings' | 'resources'>;

function scripted(bench: Scripted, cancellable: boolean): Operation {
  const next = async (): Promise<Progress<JsonObject>> => {
    const answer = bench.answers.shift() ?? completed('r-1');
    if (isBreakwaterError(answer)) throw answer;
    return answer;
  };
  return {
    technology: 'scripted',
    operation: cancellable ? 'cancellable' : 'run',
    summary: 'answers as a test says',
    resources: z.strictObject({ lock: z.string().optional(), trouble: z.string().optional() }),
    parameters: z.strictObject({}),
    drillDefault: 'perform',
    iamActions: [],
    async assess({ planning }, { resources }) {
      bench.asked.push('assess');
      const { lock = 'scripted:r-1', trouble } = resources as { lock?: string; trouble?: ErrorCode };
      if (trouble !== undefined && !planning) throw new BreakwaterError(trouble, 'trouble');
      return {
        findings: bench.findings.splice(0),
        resources: bench.resources.map((resourceId, index) => ({
          resourceId,
          name: 'ledger-db',
          description: 'a resource',
          lock: index === 0 ? lock : `scripted:${resourceId}`,
        })),
        calls: [],
        quotas: [],
        estimatedMs: 60_000,
        estimateBasis: 'a test says so',
      };
    },
    start: (context) => {
      bench.asked.push(
        `start a${context.attempt}${context.only === null ? '' : ` only ${context.only.join(',')}`}`,
      );
      return next();
    },
    poll: (_, __, state) => {
      bench.asked.push(`poll ${JSON.stringify(state)}`);
      return next();
    },
    ...(cancellable
      ? {
          cancel: async () => {
            bench.asked.push('cancel');
            if (isBreakwaterError(bench.answers[0])) throw bench.answers.shift();
            return 'AWS was told to stop what was running';
          },
        }
      : {}),
    undo: { irreversible: 'a test has nothing to undo' },
  };
}

function noEngine(): Engine {
  const engine = refusingEngine(() => {
    throw new BreakwaterError('Bug', 'the workbench has no engine');
  });
  return { ...engine, start: async ({ name }) => ({ executionId: name }) };
}
