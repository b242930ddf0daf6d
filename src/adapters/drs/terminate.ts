import { z } from 'zod';
import type { RecoveryInstance } from '@aws-sdk/client-drs';
import { isBreakwaterError } from '#core/errors.ts';
import type { Json } from '#core/json.ts';
import type { Finding, ResourceOutcome } from '#core/outcome.ts';
import type { Assessment, Operation, OperationContext, OperationInput, Progress } from '../contract.ts';
import { failureOf, isFinal } from '../shared/aws-failure.ts';
import { chunk, MOST_IDS } from '../shared/chunk.ts';
import { readQuotas } from './drs-quotas.ts';
import { TERMINATE_ACTIONS } from './dependent-actions.ts';
import { openIntentBook, type IntentBook } from './intent-book.ts';
import { placeKey, placeOf, targetAt, type Place } from '../shared/place.ts';
import { alignWait } from './poll-pace.ts';
import { stepTermination, type TerminationState } from './termination.ts';

const Resources = z
  .strictObject({
    /** Every server that `drs/recovery` has launched so far in this execution. */
    recoveredInThisExecution: z.literal(true).optional(),
    recoveryInstanceIds: z
      .array(z.string().regex(/^i-[0-9a-f]{17}$/, 'expected i- and 17 hex digits'))
      .min(1)
      .optional(),
    sourceServerIds: z
      .array(z.string().regex(/^s-[0-9a-f]{17}$/, 'expected s- and 17 hex digits'))
      .min(1)
      .optional(),
  })
  .refine((resources) => Object.values(resources).some((value) => value !== undefined), {
    message: 'expected recoveredInThisExecution, recoveryInstanceIds or sourceServerIds',
  });
type Resources = z.infer<typeof Resources>;
const Parameters = z.strictObject({
  /** An instance that is not there counts as terminated. A retry counts so in any case: it was there before. */
  ignoreGone: z.boolean().default(false),
});
type Parameters = z.infer<typeof Parameters>;
type Input = OperationInput<Resources, Parameters>;

type State = { readonly lanes: readonly TerminationState[]; readonly unresolved: number };

/** What was found at the first try. JSON, so that later tries know what has gone meanwhile. */
type Targets = {
  readonly places: readonly { readonly place: Place; readonly ids: readonly string[] }[];
  readonly missing: readonly string[];
};

const MOST_INSTANCES = 1_500;

/** Terminates recovery instances: the clean-up of a drill. */
export const terminate: Operation<Resources, Parameters, State> = {
  technology: 'drs',
  operation: 'terminate',
  summary: 'terminates DRS recovery instances and waits until they are gone',
  resources: Resources,
  parameters: Parameters,
  drillDefault: 'perform',
  iamActions: [
    'drs:DescribeRecoveryInstances',
    'drs:DescribeJobs',
    'drs:TerminateRecoveryInstances',
    'servicequotas:ListServiceQuotas',
  ],
  dependentActions: [TERMINATE_ACTIONS],
  assess,
  start,
  async poll(context, _input, state) {
    return step(context, await openIntentBook(context), state, []);
  },
  undo: { irreversible: 'a terminated instance is gone; launch the server again with drs/recovery' },
};

async function assess(context: OperationContext, { resources, parameters }: Input): Promise<Assessment> {
  const { places, missing } = await resolveTargets(context, resources);
  const ids = places.flatMap((one) => one.ids);
  return {
    findings: parameters.ignoreGone ? [] : missing.map(missingFinding),
    resources: ids.map((id) => ({
      resourceId: id,
      description: `recovery instance ${id}`,
      lock: `drs-instance/${id}`,
    })),
    calls: places.map(({ place, ids: here }) => ({
      iamAction: 'drs:TerminateRecoveryInstances',
      ...(place.accountId === null ? {} : { accountId: place.accountId }),
      ...(place.region === null ? {} : { region: place.region }),
      count: Math.ceil(here.length / MOST_IDS),
      summary: `terminate ${here.length} recovery instances`,
    })),
    quotas: [],
    estimatedMs: ids.length === 0 ? 0 : 420_000,
    estimateBasis: 'reported: 5 to 10 minutes',
  };
}

async function start(context: OperationContext, { resources, parameters }: Input): Promise<Progress<State>> {
  try {
    const intent = await openIntentBook(context);
    const targets = (intent.facts as Targets | null) ?? (await resolveTargets(context, resources));
    const ids = targets.places.flatMap((one) => one.ids);
    if (ids.length > MOST_INSTANCES) return tooMany(ids.length);
    if (intent.facts === null) await intent.remember(targets);
    const lanes = await Promise.all(targets.places.map((at) => openLane(context, at)));
    const isGone = parameters.ignoreGone || context.attempt > 1;
    const missing = targets.missing.map((id) => (isGone ? goneOutcome : missingOutcome)(context, id));
    return await step(context, intent, { lanes, unresolved: isGone ? 0 : missing.length }, missing);
  } catch (error) {
    if (!isBreakwaterError(error) || !isFinal(error)) throw error;
    return { status: 'failed', outcomes: [], results: {}, error: failureOf(error) };
  }
}

async function openLane(
  context: OperationContext,
  { place, ids }: { readonly place: Place; readonly ids: readonly string[] },
): Promise<TerminationState> {
  const { quotas } = await readQuotas(targetAt(context, place), context.signal);
  return { place, quotas, items: ids.map((id) => [id, 0]), jobs: [], calls: 0, failed: 0 };
}

async function step(
  context: OperationContext,
  intent: IntentBook,
  state: State,
  known: readonly ResourceOutcome[],
): Promise<Progress<State>> {
  const steps = await Promise.all(state.lanes.map((lane) => stepTermination(context, intent, lane)));
  const lanes = steps.map((one) => one.state);
  const outcomes = [...known, ...steps.flatMap((one) => one.outcomes)];
  const waits = steps.flatMap((one) => one.waitMs ?? []);
  if (waits.length > 0) {
    const waitMs = alignWait(context.now(), Math.min(...waits));
    return { status: 'in_progress', state: { ...state, lanes }, waitMs, outcomes };
  }
  const results = { jobs: lanes.flatMap((lane) => lane.jobs) as Json };
  const failed = lanes.reduce((sum, lane) => sum + lane.failed, 0) + state.unresolved;
  if (failed === 0) return { status: 'completed', outcomes, results };
  const message = `${failed} recovery instances were not terminated`;
  return { status: 'failed', outcomes, results, error: { code: 'RecoveryFailed', message } };
}

/** Recovery instances that exist and are meant. A source server without one has nothing to terminate. */
async function resolveTargets(context: OperationContext, resources: Resources): Promise<Targets> {
  const here = placeOf(context);
  const places = new Map<string, { place: Place; ids: Set<string> }>();
  const add = (place: Place, id: string): void => {
    const at = places.get(placeKey(place)) ?? { place, ids: new Set<string>() };
    places.set(placeKey(place), at.ids.has(id) ? at : { ...at, ids: at.ids.add(id) });
  };
  if (resources.recoveredInThisExecution) {
    for (const server of await context.recoveredServers()) {
      add({ accountId: server.accountId || null, region: server.region }, server.recoveryInstanceId);
    }
  }
  const wanted = resources.recoveryInstanceIds ?? [];
  const byId = await readInstances(context, here, 'recoveryInstanceIDs', wanted);
  const byServer = await readInstances(context, here, 'sourceServerIDs', resources.sourceServerIds ?? []);
  for (const instance of [...byId, ...byServer]) add(here, instance.recoveryInstanceID!);
  const found = new Set(byId.map((instance) => instance.recoveryInstanceID));
  const isWanted = (id: string): boolean => context.only === null || context.only.includes(id);
  return {
    places: [...places.values()]
      .map(({ place, ids }) => ({ place, ids: [...ids].filter(isWanted) }))
      .filter(({ ids }) => ids.length > 0),
    missing: wanted.filter((id) => !found.has(id) && isWanted(id)),
  };
}

async function readInstances(
  context: OperationContext,
  place: Place,
  filter: 'recoveryInstanceIDs' | 'sourceServerIDs',
  ids: readonly string[],
): Promise<RecoveryInstance[]> {
  const { drs } = targetAt(context, place);
  const instances: RecoveryInstance[] = [];
  for (const part of chunk(ids, MOST_IDS)) {
    instances.push(...(await drs.describeRecoveryInstances({ filters: { [filter]: part } }, context.signal)));
  }
  return instances.filter((instance) => instance.recoveryInstanceID !== undefined);
}

function tooMany(count: number): Progress<State> {
  const message = `${count} recovery instances are more than one technology can terminate (${MOST_INSTANCES}): split it`;
  return { status: 'failed', outcomes: [], results: {}, error: { code: 'RecoveryFailed', message } };
}

function missingFinding(id: string): Finding {
  const message = `recovery instance ${id} is not in this account and region`;
  const remedy = 'Check the id, the account and the region.';
  return {
    level: 'error',
    rule: 'ResourceUnresolved',
    path: 'resources.recoveryInstanceIds',
    value: id,
    message,
    remedy,
  };
}

function goneOutcome(context: OperationContext, resourceId: string): ResourceOutcome {
  const completedAt = new Date(context.now()).toISOString();
  return { resourceId, status: 'completed', completedAt, detail: 'was gone already' };
}

function missingOutcome(context: OperationContext, resourceId: string): ResourceOutcome {
  const { message } = missingFinding(resourceId);
  const completedAt = new Date(context.now()).toISOString();
  return { resourceId, status: 'failed', completedAt, error: { code: 'ResourceUnresolved', message } };
}
