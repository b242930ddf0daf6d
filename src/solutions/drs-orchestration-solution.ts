import type { RemoteOrder, SolutionDoor } from '#adapters/drs/solution-door.ts';
import { hasCode } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import { unreachable, type Ask } from './ask-solution.ts';
import { executionOf, instancesOf } from './drs-orchestration-records.ts';
import { known, pathOf, startedIn, urlOf, type DialectPlace } from './executions.ts';
import { listField, textField } from './loose-fields.ts';

/** 100 executions each; the list is in no order that would help. */
const MOST_PAGES = 100;

/**
 * The public DRS orchestration solution (johnjcousens/aws-elasticdrs-orchestrator), as its handlers answer in the middle of 2026; field
 * names also as they were before. It knows no idempotency key: `initiatedBy` carries the mark.
 */
export function drsOrchestrationSolution(place: DialectPlace, ask: Ask): SolutionDoor {
  const get = (path: string, signal: AbortSignal): Promise<JsonObject | null> =>
    ask({ method: 'GET', path }, signal);
  const post = (path: string, signal: AbortSignal): Promise<JsonObject | null> =>
    ask({ method: 'POST', path, body: {} }, signal);
  return {
    name: place.name,
    paceMs: 15_000,
    startsOnce: false,
    placeOf: (executionId) => urlOf(place, executionId),
    async findPlan({ planId }, signal) {
      const plan = await get(`/recovery-plans/${encodeURIComponent(planId)}`, signal);
      return plan === null ? null : { mayStart: null, lastTookMs: null };
    },
    async start({ planId, mode, mark }, signal) {
      const body = { planId, executionType: mode.toUpperCase(), initiatedBy: mark };
      return startedIn(place, planId, await ask({ method: 'POST', path: '/executions', body }, signal));
    },
    find: (order, signal) => find(place, ask, order, signal),
    async read(executionId, signal) {
      const record = await get(pathOf(executionId), signal);
      return record === null ? null : executionOf(record, []);
    },
    async export(executionId, signal) {
      const execution = known(place, executionId, await get(pathOf(executionId), signal));
      const recoveryInstances = await get(`${pathOf(executionId)}/recovery-instances`, signal);
      const instances = instancesOf(recoveryInstances ?? {});
      return { execution: executionOf(execution, instances), data: { execution, recoveryInstances } };
    },
    async cancel(executionId, signal) {
      try {
        return (await post(`${pathOf(executionId)}/cancel`, signal)) !== null;
      } catch (error) {
        if (hasCode(error, 'SolutionRefused') && error.details['code'] === 'EXECUTION_NOT_CANCELLABLE')
          return false;
        throw error;
      }
    },
    async terminate(executionId, signal) {
      const instances = instancesOf((await get(`${pathOf(executionId)}/recovery-instances`, signal)) ?? {});
      if (instances.every(isGone)) return 'done';
      try {
        await post(`${pathOf(executionId)}/terminate-instances`, signal);
      } catch (error) {
        // It is at it already.
        if (!hasCode(error, 'SolutionRefused') || error.details['status'] !== 409) throw error;
      }
      return 'under_way';
    },
  };
}

async function find(
  place: DialectPlace,
  ask: Ask,
  { mark }: RemoteOrder,
  signal: AbortSignal,
): Promise<string | null> {
  let nextToken: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const query = { limit: '100', nextToken };
    const list = (await ask({ method: 'GET', path: '/executions', query }, signal)) ?? {};
    const ours = listField(list, 'items', 'executions').find((one) => textField(one, 'initiatedBy') === mark);
    if (ours !== undefined) return textField(ours, 'executionId') ?? null;
    nextToken = textField(list, 'nextToken');
    if (nextToken === undefined) return null;
  }
  throw unreachable(place, `lists more than ${MOST_PAGES * 100} executions: ours cannot be looked for`, {});
}

function isGone(instance: JsonObject): boolean {
  const state = textField(instance, 'ec2InstanceState', 'state', 'status') ?? '';
  return /^(terminated|shutting-down)$/i.test(state);
}
