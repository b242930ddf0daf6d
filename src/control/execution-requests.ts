import { canonicalJson } from '#core/canonical-json.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import type { RecoveredServer } from '#core/outcome.ts';
import type { Plan } from '#core/plan.ts';
import type { ExecutionMode, GateAction } from '#core/view.ts';
import { Mutexes } from '#store/mutexes.ts';
import type { Turns } from '#store/turns.ts';
import { requestOf, type Actor } from './audit-log.ts';
import type { Control } from './control.ts';
import type { PlaneDeps } from './plane-deps.ts';
import { findByKey } from './start.ts';
import { terminationPlan } from './termination-plan.ts';

/** What a principal asks of executions: as `Control` does it, and leaves it in the evidence. */
export interface ExecutionRequests {
  /**
   * Starts an execution of a stored plan or of the one given. The same idempotency key of the same principal answers the same
   * execution; with another request it is `IdempotencyKeyReused`. A start that fails leaves its key free.
   */
  start(
    request: StartRequest,
    actor: Actor,
  ): Promise<{ readonly executionId: string; readonly joined: boolean }>;
  /** The execution that a start of this principal with this key has brought forth, whatever it was answered; `null`: none. */
  find(idempotencyKey: string, actor: Actor): Promise<string | null>;
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
      ...requestOf({ requestId }),
      data,
    });
  const acting =
    (name: 'pause' | 'resume' | 'cancel') =>
    async ({ executionId, reason }: ActRequest, actor: Actor): Promise<void> => {
      const why = reason === undefined ? {} : { reason };
      await control[name]({ executionId, ...actor, ...why });
      await record(name, executionId, actor, why);
    };

  const turns: Turns = deps.turns ?? new Mutexes();
  const keyOf = (idempotencyKey: string, { by }: Actor): string => `${deps.hash(by)}/${idempotencyKey}`;
  const requests: ExecutionRequests = {
    async start(request, actor) {
      const { planId, version, mode, reason, idempotencyKey } = request;
      const begin = (own?: string): Promise<Started> =>
        beginStart({ control, planOf }, { ...request, idempotencyKey: own }, actor);
      const key = idempotencyKey === undefined ? null : keyOf(idempotencyKey, actor);
      const started =
        key === null
          ? await begin()
          : await turns.run(`start/${key}`, () => startByKey(deps, { key, request, begin }));
      await record('start', started.executionId, actor, {
        mode,
        joined: started.joined,
        ...(planId === undefined ? {} : { planId }),
        ...(version === undefined ? {} : { version }),
        ...(reason === undefined ? {} : { reason }),
      });
      return started;
    },
    find: (idempotencyKey, actor) => findByKey(deps, { idempotencyKey: keyOf(idempotencyKey, actor) }),
    pause: acting('pause'),
    resume: acting('resume'),
    cancel: acting('cancel'),
    async decide({ executionId, gateId, action, reason }, actor) {
      const why = reason === undefined ? {} : { reason };
      await control.decide({ executionId, gateId, action, ...actor, ...why });
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

type Started = Awaited<ReturnType<Control['startExecution']>>;

async function beginStart(
  { control, planOf }: ExecutionRequestsParams,
  {
    planId,
    version,
    plan,
    mode,
    autoResume,
    joinUnfinished,
    parentExecutionId,
    idempotencyKey,
  }: StartRequest,
  { by, requestId }: Actor,
): Promise<Started> {
  return control.startExecution({
    plan: plan ?? (await planOf(planId!, version)),
    mode,
    initiatedBy: by,
    ...requestOf({ requestId }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(autoResume === undefined ? {} : { autoResume }),
    ...(joinUnfinished === undefined ? {} : { joinUnfinished }),
    ...(parentExecutionId === undefined ? {} : { parentExecutionId }),
  });
}

interface Claim {
  readonly requestHash: string;
  /** What the start has brought forth. */
  readonly executionId?: string;
}

/**
 * A key stands for its request once an execution exists: a start that failed, or that ended with the process before that, leaves the
 * key free, for the same request or another. What is asked is written down before the start, so that what a crash has left
 * between the two is known again. One start of a key at a time.
 */
async function startByKey(
  deps: PlaneDeps,
  params: {
    /** Of this principal alone, as `Control` gets it. */
    readonly key: string;
    readonly request: StartRequest;
    readonly begin: (key: string) => Promise<Started>;
  },
): Promise<Started> {
  const { key, begin } = params;
  const { idempotencyKey, ...request } = params.request;
  const requestHash = deps.hash(canonicalJson(request));
  const place = { table: 'platform-records', key: { partition: 'idempotent-requests', sort: key } } as const;
  const put = async (claim: Claim): Promise<void> =>
    void (await deps.store.write([{ kind: 'put', ...place, value: { ...claim }, expect: 'any' }]));
  const known = (await deps.store.get(place))?.value as Claim | undefined;
  const executionId = known?.executionId ?? (await findByKey(deps, { idempotencyKey: key }));
  if (executionId !== null) {
    if (known?.requestHash === requestHash) return { executionId, joined: true };
    throw new BreakwaterError(
      'IdempotencyKeyReused',
      `the Idempotency-Key ${JSON.stringify(idempotencyKey)} was used for another request`,
    );
  }
  await put({ requestHash });
  const started = await begin(key);
  await put({ requestHash, executionId: started.executionId });
  return started;
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
