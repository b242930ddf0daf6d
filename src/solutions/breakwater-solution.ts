import type {
  RemoteExecution,
  RemoteOrder,
  RemotePlan,
  RemoteServer,
  RemoteWave,
  SolutionDoor,
} from '#adapters/drs/solution-door.ts';
import { BreakwaterError, hasCode } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import type { RecoveredServer } from '#core/outcome.ts';
import type { Ask } from './ask-solution.ts';
import { known, pathOf, startedIn, urlOf, type DialectPlace } from './executions.ts';
import { fieldOf, listField, objectOf, textField, timeField } from './loose-fields.ts';

/** Executions of the plan among which a lost start is looked for: it is one of the newest. */
const MOST_LOOKED_AT = 50;

/** Another Breakwater, by its REST API (docs/api.md). */
export function breakwaterSolution(place: DialectPlace, ask: Ask): SolutionDoor {
  const get = (path: string, signal: AbortSignal): Promise<JsonObject | null> =>
    ask({ method: 'GET', path }, signal);
  return {
    name: place.name,
    paceMs: 10_000,
    startsOnce: true,
    placeOf: (executionId) => urlOf(place, executionId),
    findPlan: (order, signal) => findPlan(ask, order, signal),
    async start({ planId, mode, mark }, signal) {
      // The key alone keeps it from starting twice; by the parent, `find` finds it without starting anything.
      const body = { planId, mode, parentExecutionId: mark, reason: `driven by ${mark}` };
      const headers = { 'idempotency-key': mark };
      const answer = await ask({ method: 'POST', path: '/executions', body, headers }, signal);
      return startedIn(place, planId, answer);
    },
    find: (order, signal) => find(ask, order, signal),
    async read(executionId, signal) {
      const view = await get(pathOf(executionId), signal);
      return view === null ? null : executionOf(view);
    },
    async export(executionId, signal) {
      const data = known(place, executionId, await get(`${pathOf(executionId)}/export`, signal));
      const view = objectOf(fieldOf(data, 'execution'));
      return { execution: executionOf(known(place, executionId, view)), data };
    },
    async cancel(executionId, signal) {
      const body = { reason: 'cancelled by the Breakwater that started it' };
      try {
        return (await ask({ method: 'POST', path: `${pathOf(executionId)}/cancel`, body }, signal)) !== null;
      } catch (error) {
        if (hasCode(error, 'SolutionRefused') && error.details['code'] === 'ExecutionNotRunning')
          return false;
        throw error;
      }
    },
    async terminate(executionId, signal) {
      const headers = { 'idempotency-key': `terminate/${executionId}` };
      const path = `${pathOf(executionId)}/terminate-instances`;
      const begun = known(place, executionId, await ask({ method: 'POST', path, body: {}, headers }, signal));
      const cleanUp = executionOf((await get(pathOf(textField(begun, 'executionId') ?? ''), signal)) ?? {});
      if (cleanUp.status === 'completed') return 'done';
      if (cleanUp.status !== 'failed' && cleanUp.status !== 'cancelled') return 'under_way';
      const message = `${place.name}: its clean-up ${cleanUp.executionId} ended ${cleanUp.statusThere}`;
      throw new BreakwaterError('SolutionRefused', message);
    },
  };
}

async function findPlan(
  ask: Ask,
  { planId, mode }: Pick<RemoteOrder, 'planId' | 'mode'>,
  signal: AbortSignal,
): Promise<RemotePlan | null> {
  const path = `/recovery-plans/${encodeURIComponent(planId)}`;
  if ((await ask({ method: 'GET', path }, signal)) === null) return null;
  const me = await ask({ method: 'GET', path: '/me' }, signal);
  const query = { planId, mode, status: 'completed', limit: '1' };
  const list = await ask({ method: 'GET', path: '/executions', query }, signal);
  const permissions = fieldOf(me ?? {}, 'permissions');
  return {
    mayStart: Array.isArray(permissions) ? permissions.includes(`execution:start-${mode}`) : null,
    lastTookMs: tookMs(listField(list ?? {}, 'executions')[0]),
  };
}

async function find(ask: Ask, { planId, mark }: RemoteOrder, signal: AbortSignal): Promise<string | null> {
  const query = { planId, limit: String(MOST_LOOKED_AT) };
  const list = await ask({ method: 'GET', path: '/executions', query }, signal);
  for (const one of listField(list ?? {}, 'executions')) {
    const executionId = textField(one, 'executionId') ?? '';
    const view = await ask({ method: 'GET', path: pathOf(executionId) }, signal);
    const context = objectOf(fieldOf(view ?? {}, 'enterpriseContext'));
    if (textField(context ?? {}, 'parentExecutionId') === mark) return executionId;
  }
  return null;
}

const STATUSES: Readonly<Record<string, RemoteExecution['status']>> = {
  planning: 'running',
  in_progress: 'running',
  wave_complete: 'running',
  paused: 'waiting',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
};

/** An `ExecutionView` of the other Breakwater, which may be of another version. */
function executionOf(view: JsonObject): RemoteExecution {
  const statusThere = textField(view, 'status') ?? 'without a status';
  const status = STATUSES[statusThere];
  const gates = listField(view, 'gates')
    .filter((gate) => textField(gate, 'status') === 'open' && textField(gate, 'kind') !== 'dependencies')
    .map((gate) => `gate ${textField(gate, 'gateId')}: ${textField(gate, 'reason')}`);
  const error = textField(objectOf(fieldOf(view, 'error')) ?? {}, 'message');
  const message = gates.length > 0 ? gates.join('; ') : error;
  const [startedAt, completedAt] = [timeField(view, 'startedAt'), timeField(view, 'completedAt')];
  return {
    executionId: textField(view, 'executionId') ?? '',
    // While another wave is at work, an open gate does not make it `paused`.
    status: status === 'running' && gates.length > 0 ? 'waiting' : (status ?? 'running'),
    statusThere,
    isKnown: status !== undefined,
    ...(message === undefined ? {} : { message }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(completedAt === undefined ? {} : { completedAt }),
    waves: listField(view, 'waves').flatMap(wavesOf),
  };
}

/** One for each technology that launches servers: other technologies have none to launch. */
function wavesOf(wave: JsonObject): RemoteWave[] {
  return listField(wave, 'technologies')
    .filter((one) => textField(one, 'type') === 'drs' && textField(one, 'operation') === 'recovery')
    .map((technology) => ({
      name: textField(wave, 'name') ?? textField(wave, 'waveNumber') ?? '',
      statusThere: textField(technology, 'status') ?? '',
      servers: listField(technology, 'outcomes').flatMap(serverOf),
    }));
}

/** A completed row without an instance is of the plan that the other one drives in its turn, and no server. */
function serverOf(outcome: JsonObject): RemoteServer[] {
  const statusThere = textField(outcome, 'status') ?? '';
  const sourceServerId = textField(outcome, 'resourceId') ?? '';
  const result = objectOf(fieldOf(outcome, 'result'));
  const common = { sourceServerId, statusThere };
  if (statusThere === 'completed') {
    if (textField(result ?? {}, 'recoveryInstanceId') === undefined) return [];
    return [{ ...common, status: 'launched', recovered: result as unknown as RecoveredServer }];
  }
  if (statusThere === 'pending' || statusThere === 'in_progress') return [{ ...common, status: 'pending' }];
  const message = textField(objectOf(fieldOf(outcome, 'error')) ?? {}, 'message');
  return [{ ...common, status: 'failed', ...(message === undefined ? {} : { message }) }];
}

function tookMs(summary: JsonObject | undefined): number | null {
  if (summary === undefined) return null;
  const took =
    Date.parse(timeField(summary, 'completedAt') ?? '') - Date.parse(timeField(summary, 'startedAt') ?? '');
  return Number.isFinite(took) ? Math.max(0, took) : null;
}
