import { isBreakwaterError } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import type { ResourceOutcome } from '#core/outcome.ts';
import type { Operation, OperationContext, OperationInput, Progress } from '../contract.ts';
import { failureOf, isFinal } from '../shared/aws-failure.ts';
import { LAUNCH_ACTIONS, LAUNCH_SETTINGS, TAGGED_JOB, TERMINATE_ACTIONS } from './dependent-actions.ts';
import { readQuotas } from './drs-quotas.ts';
import { expectedJobMs } from './expected-duration.ts';
import { openIntentBook, type IntentBook } from './intent-book.ts';
import { stepLane, type LaneStep } from './lane.ts';
import { targetAt } from '../shared/place.ts';
import { alignWait } from './poll-pace.ts';
import { assessRecovery } from './recovery-assess.ts';
import { RecoveryParameters, RecoveryResources } from './recovery-schema.ts';
import { MOST_SERVERS, type LaneState, type RecoveryState } from './recovery-state.ts';
import { resolveServers, type ServersAtPlace, type Unresolved } from './resolve-servers.ts';
import { undoDrill } from './undo-drill.ts';

type Input = OperationInput<RecoveryResources, RecoveryParameters>;

/** Launches DRS source servers by this process's own calls to DRS, as a drill or as a recovery. */
export const nativeRecovery: Operation<RecoveryResources, RecoveryParameters, RecoveryState> = {
  technology: 'drs',
  operation: 'recovery',
  summary: 'launches DRS source servers into recovery instances, in batches within the quotas of DRS',
  resources: RecoveryResources,
  parameters: RecoveryParameters,
  drillDefault: 'perform',
  iamActions: [
    'drs:DescribeSourceServers',
    'drs:DescribeJobs',
    'drs:DescribeJobLogItems',
    'drs:DescribeRecoveryInstances',
    'drs:DescribeRecoverySnapshots',
    'drs:UpdateLaunchConfiguration',
    'drs:StartRecovery',
    'drs:TerminateRecoveryInstances',
    'servicequotas:ListServiceQuotas',
    'ec2:DescribeInstances',
  ],
  dependentActions: [LAUNCH_ACTIONS, TAGGED_JOB, LAUNCH_SETTINGS, TERMINATE_ACTIONS],
  assess: assessRecovery,
  start,
  poll,
  undo: { summary: 'terminates the recovery instances of a drill', run: undoDrill },
};

/** Finds the servers and takes the first step. Repeated, it finds the jobs that it has started before, by their tags. */
async function start(context: OperationContext, input: Input): Promise<Progress<RecoveryState>> {
  const intent = await openIntentBook(context);
  try {
    const { places, unresolved } = await resolveServers(context, input.resources);
    const count = places.reduce((sum, { servers }) => sum + servers.length, 0);
    const missing = unresolved.map((one) => unresolvedOutcome(context, one));
    if (count === 0 || count > MOST_SERVERS) return refuse(count, missing);
    const lanes = await Promise.all(places.map((at) => openLane(context, at)));
    const pending = lanes.flatMap((lane) =>
      lane.pending.map((resourceId): ResourceOutcome => ({ resourceId, status: 'pending' })),
    );
    const state = { startedAt: intent.startedAt, lanes, unresolved: unresolved.length };
    return await step(context, input, { state, intent, outcomes: [...missing, ...pending] });
  } catch (error) {
    if (!isBreakwaterError(error) || !isFinal(error)) throw error;
    return { status: 'failed', outcomes: [], results: {}, error: failureOf(error) };
  }
}

async function poll(
  context: OperationContext,
  input: Input,
  state: RecoveryState,
): Promise<Progress<RecoveryState>> {
  return step(context, input, { state, intent: await openIntentBook(context), outcomes: [] });
}

async function openLane(context: OperationContext, { place, servers }: ServersAtPlace): Promise<LaneState> {
  const { quotas } = await readQuotas(targetAt(context, place), context.signal);
  return {
    place,
    quotas,
    pending: servers.map((server) => server.sourceServerID!),
    configured: 0,
    batches: [],
    refused: 0,
    pausedUntil: 0,
    expectedMs: expectedJobMs(servers),
  };
}

/** One step in every account and Region. An error in one does not hold up the others; if nothing moves, it is thrown. */
async function step(
  context: OperationContext,
  input: Input,
  {
    state,
    intent,
    outcomes,
  }: { state: RecoveryState; intent: IntentBook; outcomes: readonly ResourceOutcome[] },
): Promise<Progress<RecoveryState>> {
  const { parameters } = input;
  const steps = await Promise.all(
    state.lanes.map((lane) => stepLane(context, { parameters, intent, state: lane })),
  );
  const all = lastOfEach([...outcomes, ...steps.flatMap((one) => one.outcomes)]);
  const lanes = steps.map((one) => one.state);
  const open = steps.filter((one) => one.waitMs !== null);
  if (open.length === 0) return finish(context, input, { ...state, lanes }, all);
  const stuck = open.filter((one) => one.error !== null);
  if (stuck.length === open.length && all.length === 0) throw stuck[0]!.error;
  return {
    status: 'in_progress',
    state: { ...state, lanes },
    waitMs: alignWait(context.now(), Math.min(...open.map((one) => one.waitMs!))),
    outcomes: all,
    detail: describeProgress(lanes, stuck),
  };
}

/** A server that becomes pending and then in progress within one step is reported once. */
function lastOfEach(outcomes: readonly ResourceOutcome[]): ResourceOutcome[] {
  return [...new Map(outcomes.map((outcome) => [outcome.resourceId, outcome])).values()];
}

function describeProgress(lanes: readonly LaneState[], stuck: readonly LaneStep[]): string {
  const { launched, failed, running, waiting, jobs } = countLanes(lanes);
  const counts = `${launched} launched, ${failed} failed, ${running} in ${jobs} jobs, ${waiting} waiting`;
  const trouble = stuck.map((one) => failureOf(one.error).message).join('; ');
  return trouble === '' ? counts : `${counts}; ${trouble}`;
}

function countLanes(
  lanes: readonly LaneState[],
): Record<'launched' | 'failed' | 'running' | 'waiting' | 'jobs', number> {
  const batches = lanes.flatMap((lane) => lane.batches);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    launched: sum(batches.map((batch) => batch.launched)),
    failed: sum(batches.map((batch) => batch.failed)) + sum(lanes.map((lane) => lane.refused)),
    running: sum(batches.map((batch) => batch.servers.length)),
    waiting: sum(lanes.map((lane) => lane.pending.length)),
    jobs: batches.filter((batch) => batch.servers.length > 0).length,
  };
}

function finish(
  context: OperationContext,
  { resources }: Input,
  state: RecoveryState,
  outcomes: readonly ResourceOutcome[],
): Progress<RecoveryState> {
  const { launched, failed } = countLanes(state.lanes);
  const results: JsonObject = {
    ...(resources.recoveryPlanId === undefined ? {} : { recoveryPlanId: resources.recoveryPlanId }),
    isDrill: context.mode === 'drill',
    launched,
    failed: failed + state.unresolved,
    jobs: state.lanes.flatMap(jobResults),
  };
  if (failed === 0 && state.unresolved === 0) return { status: 'completed', outcomes, results };
  const message = `${failed + state.unresolved} of ${launched + failed + state.unresolved} servers were not launched`;
  return { status: 'failed', outcomes, results, error: { code: 'RecoveryFailed', message } };
}

function jobResults({ place, batches }: LaneState): JsonObject[] {
  return batches.map(({ jobId, startedAt, launched, failed }) => ({
    jobId,
    accountId: place.accountId,
    region: place.region,
    startedAt: new Date(startedAt).toISOString(),
    launched,
    failed,
  }));
}

function unresolvedOutcome(context: OperationContext, { resourceId, message }: Unresolved): ResourceOutcome {
  const completedAt = new Date(context.now()).toISOString();
  return { resourceId, status: 'failed', completedAt, error: { code: 'ResourceUnresolved', message } };
}

/** No server at all is a failure, never a success; too many would not fit into the state. */
function refuse(count: number, outcomes: readonly ResourceOutcome[]): Progress<RecoveryState> {
  const message =
    count === 0
      ? (outcomes[0]?.error?.message ?? 'the resources select no source server')
      : `${count} servers are more than one technology can launch (${MOST_SERVERS}): split it`;
  const code = count === 0 ? 'ResourceUnresolved' : 'RecoveryFailed';
  return { status: 'failed', outcomes, results: {}, error: { code, message } };
}
