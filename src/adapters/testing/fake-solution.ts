import type {
  RemoteExecution,
  RemoteOrder,
  RemotePlan,
  RemoteServer,
  SolutionDoor,
} from '#adapters/drs/solution-door.ts';
import type { Clock } from '#core/clock.ts';
import { BreakwaterError } from '#core/errors.ts';

/** How a call goes: it fails, or (`lost`) takes effect and its answer does not come. */
export type Mishap = 'lost' | BreakwaterError;

/** An execution in the memory of a fake solution. */
export interface FakeExecution {
  readonly executionId: string;
  readonly order: RemoteOrder;
  readonly startedAt: number;
  cancelled: boolean;
  hasEnded(): boolean;
}

export interface FakeSolution extends SolutionDoor {
  /** By id, in the order of their starts. */
  readonly executions: Map<string, FakeExecution>;
  /** Ids of executions whose instances it was asked to terminate. */
  readonly terminations: string[];
  /** Names of the calls, in their order. */
  readonly calls: string[];
  /** What the next calls meet, by their name. */
  readonly mishaps: Partial<Record<keyof SolutionDoor, Mishap[]>>;
  /** What is told of each execution, instead of what the fake makes up; also after its end. */
  tell: Partial<RemoteExecution>;
  plan: RemotePlan | null;
}

export interface FakeSolutionParams {
  readonly clock: Clock;
  readonly startsOnce: boolean;
}

/** An execution takes ten minutes, and launches two servers in one wave. */
const TAKES_MS = 600_000;

/** A solution in memory, which is true and never down unless told otherwise. */
export function fakeSolution({ clock, startsOnce }: FakeSolutionParams): FakeSolution {
  const executions: FakeSolution['executions'] = new Map();
  const [terminations, calls]: [string[], string[]] = [[], []];
  const meet = async <T>(name: keyof SolutionDoor, act: () => T): Promise<T> => {
    calls.push(name);
    const mishap = solution.mishaps[name]?.shift();
    if (mishap instanceof BreakwaterError) throw mishap;
    const answer = act();
    if (mishap === 'lost') throw unreachable(true);
    return answer;
  };
  const findByMark = (mark: string): string | null =>
    [...executions.values()].find(({ order }) => order.mark === mark)?.executionId ?? null;
  const solution: FakeSolution = {
    executions,
    terminations,
    calls,
    mishaps: {},
    tell: {},
    plan: { mayStart: true, lastTookMs: null },
    name: 'core-dr',
    paceMs: 15_000,
    startsOnce,
    placeOf: (executionId) => `https://core-dr.example.com/executions/${executionId}`,
    findPlan: () => meet('findPlan', () => solution.plan),
    start: (order) =>
      meet('start', () => {
        const known = startsOnce ? findByMark(order.mark) : null;
        return known ?? begin(clock, executions, order);
      }),
    find: ({ mark }) => meet('find', () => findByMark(mark)),
    read: (executionId) => meet('read', () => readFrom(solution, executionId)),
    export: (executionId) =>
      meet('export', () => {
        const execution = readFrom(solution, executionId)!;
        return { execution, data: { execution: { executionId, status: execution.statusThere } } };
      }),
    cancel: (executionId) =>
      meet('cancel', () => {
        const execution = executions.get(executionId)!;
        if (execution.hasEnded()) return false;
        execution.cancelled = true;
        return true;
      }),
    terminate: (executionId) =>
      meet('terminate', () => {
        if (terminations.includes(executionId)) return 'done';
        terminations.push(executionId);
        return 'under_way';
      }),
  };
  return solution;
}

export function unreachable(ambiguous: boolean, more: object = {}): BreakwaterError {
  return new BreakwaterError('SolutionUnreachable', 'core-dr does not answer', {
    details: { ambiguous, ...more },
  });
}

export function serverOf(sourceServerId: string, status: RemoteServer['status'] = 'launched'): RemoteServer {
  const words = { launched: 'LAUNCHED', failed: 'FAILED', pending: 'PENDING' } as const;
  const server = { sourceServerId, status, statusThere: words[status] };
  if (status !== 'launched') return server;
  return {
    ...server,
    recovered: {
      sourceServerId,
      sourceInstanceId: `i-of-${sourceServerId}`,
      recoveryInstanceId: `i-new-${sourceServerId}`,
      ec2InstanceId: `i-new-${sourceServerId}`,
      privateIp: '10.0.0.7',
      status: 'running',
      accountId: '111122223333',
      region: 'us-west-2',
      isDrill: true,
      pointInTime: null,
    },
  };
}

function begin(clock: Clock, executions: FakeSolution['executions'], order: RemoteOrder): string {
  const executionId = `there-${executions.size + 1}`;
  const startedAt = clock.now();
  const execution: FakeExecution = {
    executionId,
    order,
    startedAt,
    cancelled: false,
    hasEnded: () => execution.cancelled || clock.now() >= startedAt + TAKES_MS,
  };
  executions.set(executionId, execution);
  return executionId;
}

function readFrom({ executions, tell }: FakeSolution, executionId: string): RemoteExecution | null {
  const execution = executions.get(executionId);
  if (execution === undefined) return null;
  const startedAt = new Date(execution.startedAt).toISOString();
  const base = { executionId, isKnown: true, startedAt };
  const wave = (status: RemoteServer['status']): RemoteExecution['waves'] => [
    { name: 'Wave 1', statusThere: 'COMPLETED', servers: [serverOf('s-1', status), serverOf('s-2', status)] },
  ];
  if (!execution.hasEnded())
    return { ...base, status: 'running', statusThere: 'RUNNING', waves: wave('pending') };
  const completedAt = new Date(execution.startedAt + TAKES_MS).toISOString();
  if (execution.cancelled)
    return { ...base, status: 'cancelled', statusThere: 'CANCELLED', completedAt, waves: wave('pending') };
  return {
    ...base,
    status: 'completed',
    statusThere: 'COMPLETED',
    completedAt,
    waves: wave('launched'),
    ...tell,
  };
}
