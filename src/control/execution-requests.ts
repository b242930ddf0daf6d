import { canonicalJson } from '#core/canonical-json.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import type { RecoveredServer } from '#core/outcome.ts';
import type { Plan } from '#core/plan.ts';
import type { ExecutionMode, GateAction } from '#core/view.ts';
import type { Actor } from './audit-log.ts';
import type { Control } from './control.ts';
import type { PlaneDeps } from './plane-deps.ts';
import { terminationPlan } from './termination-plan.ts';

/** What a principal asks of executions: as `Control` does it, and leaves it in the evidence. */
export interface ExecutionRequests {
  /**
   * Starts an execution of a stored plan or of the one given. The same idempotency key of the same principal answers the same
   * execution; with another request it is `IdempotencyKeyReused`.
   */
  start(
    request: StartRequest,
    actor: Actor,
  ): Promise<{ readonly executionId: string; readonly joined: boolean }>;
  pause(act: ActRequest, actor: Actor): Promise<void>;
  resume(act: ActRequest, actor: Actor): Promise<void>;
  cancel(act: ActRequest, actor: Actor): Promise<void>;
  decide(act: ActRequest & { gateId: string; action: GateAction }, actor: Actor): Promise<void>;
  /**
   * Drill clean-up: terminates what a drill has launched, by an execution of its own, which it answers. Throws `ExecutionNotRunning`
   * before the drill has ended, `RequestInvalid` for a recovery or when there is nothing to terminate.
   */
  terminateInstances(
    act: ActRequest & { idempotencyKey?: string | undefined },
    actor: Actor,
  ): Promise<Termination>;
}

export interface StartRequest {
  readonly planId?: string | undefined;
  readonly version?: number | undefined;
  readonly plan?: Plan | undefined;
  readonly mode: ExecutionMode;
  readonly autoResume?: boolean | undefined;
  readonly joinUnfinished?: boolean | undefined;
  readonly parentExecutionId?: string | undefined;
  readonly reason?: string | undefined;
  readonly idempotencyKey?: string | undefined;
}

interface ActRequest {
  readonly executionId: string;
  readonly reason?: string | undefined;
}

export interface Termination {
  readonly executionId: string;
  readonly sourceServerIds: readonly string[];
  readonly instanceIds: readonly string[];
}

export interface ExecutionRequestsParams {
  readonly control: Control;
  /** A stored plan, at its newest version unless told otherwise. Throws `NotFound`. */
  readonly planOf: (planId: string, version?: number) => Promise<Plan>;
}

export function createExecutionRequests(
  deps: PlaneDeps,
  { control, planOf }: ExecutionRequestsParams,
): ExecutionRequests {
  const record = (action: string, executionId: string, { by, requestId }: Actor, data: JsonObject) =>
    deps.audit.append({
      action: `execution.${action}`,
      by,
      target: `execution/${executionId}`,
      executionId,
      ...(requestId === undefined ? {} : { requestId }),
      data,
    });
  const acting =
    (name: 'pause' | 'resume' | 'cancel') =>
    async ({ executionId, reason }: ActRequest, actor: Actor): Promise<void> => {
      const why = reason === undefined ? {} : { reason };
      await control[name]({ executionId, by: actor.by, ...why });
      await record(name, executionId, actor, why);
    };

  const requests: ExecutionRequests = {
    async start(request, actor) {
      const { planId, version, mode, reason, idempotencyKey: _, ...rest } = request;
      const plan = rest.plan ?? (await planOf(planId!, version));
      const key = await claimKey(deps, request, actor);
      const started = await control.startExecution({
        plan,
        mode,
        initiatedBy: actor.by,
        ...(key === undefined ? {} : { idempotencyKey: key }),
        ...(rest.autoResume === undefined ? {} : { autoResume: rest.autoResume }),
        ...(rest.joinUnfinished === undefined ? {} : { joinUnfinished: rest.joinUnfinished }),
        ...(rest.parentExecutionId === undefined ? {} : { parentExecutionId: rest.parentExecutionId }),
      });
      await record('start', started.executionId, actor, {
        mode,
        joined: started.joined,
        ...(planId === undefined ? {} : { planId }),
        ...(version === undefined ? {} : { version }),
        ...(reason === undefined ? {} : { reason }),
      });
      return started;
    },
    pause: acting('pause'),
    resume: acting('resume'),
    cancel: acting('cancel'),
    async decide({ executionId, gateId, action, reason }, actor) {
      const why = reason === undefined ? {} : { reason };
      await control.decide({ executionId, gateId, action, by: actor.by, ...why });
      await record('decide', executionId, actor, { gateId, action, ...why });
    },
    async terminateInstances({ executionId, reason, idempotencyKey }, actor) {
      const view = await control.getExecution({ executionId });
      if (view.mode !== 'drill')
        throw new BreakwaterError(
          'RequestInvalid',
          `execution ${executionId} is a recovery: its instances are production now`,
        );
      if (view.completedAt === undefined)
        throw new BreakwaterError(
          'ExecutionNotRunning',
          `execution ${executionId} is ${view.status}: its instances can be terminated when it has ended`,
        );
      const { plan, sourceServerIds, instanceIds } = cleanUpPlan(view);
      const started = await requests.start(
        { plan, mode: 'drill', parentExecutionId: executionId, reason, idempotencyKey },
        actor,
      );
      await record('terminate', executionId, actor, {
        cleanUpExecutionId: started.executionId,
        instanceIds,
        ...(reason === undefined ? {} : { reason }),
      });
      return { executionId: started.executionId, sourceServerIds, instanceIds };
    },
  };
  return requests;
}

/**
 * The key as `Control` gets it: of this principal alone. What was asked with it is kept first, so that the same key with another
 * request is found out also when both come at once.
 */
async function claimKey(
  { store, ...deps }: PlaneDeps,
  { idempotencyKey, ...request }: StartRequest,
  { by }: Actor,
): Promise<string | undefined> {
  if (idempotencyKey === undefined) return undefined;
  const key = `${deps.hash(by)}/${idempotencyKey}`;
  const requestHash = deps.hash(canonicalJson(request));
  const place = { table: 'platform-records', key: { partition: 'idempotent-requests', sort: key } } as const;
  const known = await store.get(place);
  if (known === null) {
    try {
      await store.write([{ kind: 'put', ...place, value: { requestHash }, expect: 'absent' }]);
      return key;
    } catch (error) {
      if (!(error instanceof BreakwaterError) || error.code !== 'RevisionConflict') throw error;
    }
  }
  const { requestHash: first } = (await store.get(place))!.value as { requestHash: string };
  if (first === requestHash) return key;
  throw new BreakwaterError(
    'IdempotencyKeyReused',
    `the Idempotency-Key ${JSON.stringify(idempotencyKey)} was used for another request`,
  );
}

type Recovered = Pick<RecoveredServer, 'sourceServerId' | 'recoveryInstanceId' | 'accountId' | 'region'>;

function cleanUpPlan(view: Awaited<ReturnType<Control['getExecution']>>): {
  plan: Plan;
  sourceServerIds: string[];
  instanceIds: string[];
} {
  const launched = view.waves
    .flatMap(({ technologies }) => technologies)
    .filter(({ type, operation }) => type === 'drs' && operation === 'recovery')
    .flatMap(({ outcomes }) => outcomes)
    .map(({ result }) => result as unknown as Partial<Recovered> | undefined)
    .filter((result): result is Recovered => typeof result?.recoveryInstanceId === 'string');
  if (launched.length === 0)
    throw new BreakwaterError('RequestInvalid', `execution ${view.executionId} has launched no instances`);
  const places = Map.groupBy(launched, ({ accountId, region }) => `${accountId}/${region}`);
  return {
    sourceServerIds: launched.map(({ sourceServerId }) => sourceServerId),
    instanceIds: launched.map(({ recoveryInstanceId }) => recoveryInstanceId),
    plan: terminationPlan(
      `Clean-up after ${view.executionId}`,
      [...places.values()].map((servers) => ({
        // Empty when DRS did not say: then it is the caller's own.
        accountId: servers[0]!.accountId || undefined,
        region: servers[0]!.region,
        recoveryInstanceIds: servers.map(({ recoveryInstanceId }) => recoveryInstanceId),
      })),
      // Asked for again, it is done already.
      { ignoreGone: true },
    ),
  };
}
