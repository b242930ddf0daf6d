import type { Progress } from '#adapters/contract.ts';
import { parseDuration } from '#core/duration.ts';
import { isBreakwaterError, messageOf, type BreakwaterError } from '#core/errors.ts';
import type { Json, JsonObject } from '#core/json.ts';
import type { Failure } from '#core/outcome.ts';
import type { TechnologyRecord } from '#core/records.ts';
import { loadWork, type Work } from './context.ts';
import { drillPolicy, lookInDrill } from './drill-policy.ts';
import { CaughtError, describeCaught, TechnologyInput, type Place } from './inputs.ts';
import type { Services } from './services.ts';
import { advance, begin, cancel, complete, fail, note, skip } from './technology-changes.ts';
import { isTolerable, leftOutResources } from './optional-parts.ts';
import { putOutcomes, putRight, summaryOf, undone, withResources } from './technology-outcomes.ts';

/** What `Start` and `Poll` answer to the state machine. `restart`: the plan's automatic retry, after the wait. */
type Step = {
  readonly status: 'in_progress' | 'completed' | 'failed' | 'restart';
  readonly waitSeconds: number;
};

/** How long to wait before a call is tried again that AWS could not answer. */
const TROUBLE_WAIT_MS = 15_000;

/** `Start`: begins the work, or finds it begun. */
export async function startTechnology(services: Services, input: Json): Promise<Json> {
  const place = TechnologyInput.parse(input);
  return inTurn(services, place, async (work) => {
    const policy = drillPolicy(work);
    if (policy === 'skip') {
      await services.executions.change(place.executionId, (change) => skip(change, place, services.now()));
      return { status: 'completed', waitSeconds: 0 };
    }
    await services.executions.change(place.executionId, (change) => begin(change, place, services.now()));
    if (policy === 'assess') return end(services, place, work, await lookInDrill(work));
    return step(services, place, work, () => work.operation.start(work.context, work.input));
  });
}

/** `Poll`: looks how far it is, and does what is next. */
export async function pollTechnology(services: Services, input: Json): Promise<Json> {
  const place = TechnologyInput.parse(input);
  return inTurn(services, place, async (work) => {
    const { state, status, attempt, definition } = work.technology;
    // The poll that granted the retry died before its answer was on disk.
    if (status === 'failed') return restartAfter(definition, attempt - 1);
    return step(services, place, work, () =>
      state === undefined
        ? work.operation.start(work.context, work.input)
        : work.operation.poll(work.context, work.input, state),
    );
  });
}

/** `RecordFailure`: a handler broke. The technology fails with what it said. */
export async function failTechnology(services: Services, input: Json): Promise<Json> {
  const { failure, ...place } = TechnologyInput.extend({ failure: CaughtError }).parse(input);
  const error = describeCaught(failure) ?? { code: 'Bug', message: 'its handler broke without a word' };
  await services.executions.inTurn(place, () =>
    services.executions.change(place.executionId, (change) =>
      fail(change, place, { error, now: services.now() }),
    ),
  );
  return { status: 'failed', waitSeconds: 0 } satisfies Step;
}

/**
 * One handler of a technology at a time: one that the state machine has given up may still be in the middle of a call, and the next
 * must see what came of it. On Lambda that is another process; who waits in vain there is performed again (`TooManyRequests`).
 */
function inTurn(services: Services, place: Place, act: (work: Work) => Promise<Step>): Promise<Step> {
  return services.executions.inTurn(place, async () => {
    const work = await loadWork(services, place);
    const settled = await settledStep(services, place, work);
    if (settled !== null) return settled;
    // Nothing is known to have begun, and now it is too late to begin.
    if (work.technology.state === undefined && isLate(work.technology, services.now()))
      return timeOut(services, place, work, work.technology.detail);
    return act(work);
  });
}

/** The answer for a technology that needs no more work: it has ended, or was cancelled. */
async function settledStep(services: Services, place: Place, work: Work): Promise<Step | null> {
  const { technology, head } = work;
  const { status } = technology;
  if (status === 'completed' || status === 'skipped') return { status: 'completed', waitSeconds: 0 };
  if (status === 'cancelled' || (status === 'failed' && !technology.due))
    return { status: 'failed', waitSeconds: 0 };
  return head.cancelRequested ? stopWork(services, place, work) : null;
}

/** Cancels it. Trouble that may pass is waited out, as in any step: what nobody has told to stop goes on. */
async function stopWork(services: Services, place: Place, work: Work): Promise<Step> {
  const { technology, operation, context, input } = work;
  let told: string | null = null;
  try {
    if (technology.state !== undefined)
      told = (await operation.cancel?.(context, input, technology.state)) ?? null;
  } catch (error) {
    if (!isBreakwaterError(error) || error.retry === 'bug') throw error;
    const trouble = `${error.code}: ${messageOf(error)}`;
    if (isPassing(error) && !isLate(technology, services.now())) {
      const detail = `cancelling: ${trouble}; trying again`;
      await services.executions.change(place.executionId, (change) => note(change, place, detail));
      return { status: 'in_progress', waitSeconds: TROUBLE_WAIT_MS / 1_000 };
    }
    told = `it could not be told to stop, and what was running goes on (${trouble})`;
  }
  await services.executions.change(place.executionId, (change) =>
    cancel(change, place, told, services.now()),
  );
  return { status: 'failed', waitSeconds: 0 };
}

function isPassing({ retry }: BreakwaterError): boolean {
  return retry === 'retryable' || retry === 'paused';
}

/** Whether this attempt has had its time. It is asked after a look: what was done while nobody looked counts as done. */
function isLate({ definition, status, startedAt }: TechnologyRecord, now: number): boolean {
  if (status !== 'in_progress' || startedAt === undefined) return false;
  return now - Date.parse(startedAt) > parseDuration(definition.timeout);
}

async function timeOut(services: Services, place: Place, work: Work, detail = ''): Promise<Step> {
  const { timeout } = work.technology.definition;
  const message = `not done after ${timeout}${detail === '' ? '' : ` (${detail})`}`;
  await services.executions.change(place.executionId, (change) =>
    fail(change, place, { error: { code: 'TechnologyTimeout', message }, now: services.now() }),
  );
  return { status: 'failed', waitSeconds: 0 };
}

/**
 * Does one step of the adapter and writes down what came of it. Trouble that may pass (throttling, a Region out of reach,
 * expired credentials) is written down too, and the step comes again until the technology's timeout.
 */
async function step(
  services: Services,
  place: Place,
  work: Work,
  act: () => Promise<Progress<JsonObject>>,
): Promise<Step> {
  let progress: Progress<JsonObject>;
  try {
    progress = await act();
  } catch (error) {
    if (!isBreakwaterError(error) || error.retry === 'bug') throw error;
    if (!isPassing(error)) {
      return end(services, place, work, {
        status: 'failed',
        outcomes: [],
        results: {},
        error: failureOf(error),
      });
    }
    const trouble = `${error.code}: ${messageOf(error)}`;
    if (isLate(work.technology, services.now())) return timeOut(services, place, work, trouble);
    const detail = `${trouble}; trying again`;
    await services.executions.change(place.executionId, (change) => note(change, place, detail));
    return { status: 'in_progress', waitSeconds: TROUBLE_WAIT_MS / 1_000 };
  }
  if (progress.status !== 'in_progress') return end(services, place, work, progress);
  await putOutcomes(services, place, progress.outcomes);
  if (
    JSON.stringify(progress.state) !== JSON.stringify(work.technology.state) ||
    progress.detail !== work.technology.detail
  ) {
    await services.executions.change(place.executionId, (change) => advance(change, place, progress));
  }
  if (isLate(work.technology, services.now())) {
    return timeOut(services, place, work, progress.detail ?? work.technology.detail);
  }
  return { status: 'in_progress', waitSeconds: Math.max(1, Math.ceil(progress.waitMs / 1_000)) };
}

/** Writes down how an attempt ended, and decides whether the plan grants another by itself. */
async function end(
  services: Services,
  place: Place,
  { technology: before }: Work,
  progress: Exclude<Progress<JsonObject>, { status: 'in_progress' }>,
): Promise<Step> {
  const { definition, attempt } = before;
  const refused = leftOutResources(before);
  await putOutcomes(services, place, progress.outcomes);
  if (progress.status === 'completed' && attempt > 1)
    await putRight(services, place, { attempt, except: refused });
  const outcomes = (await services.executions.outcomes(place.executionId, place)).map(
    ({ outcome }) => outcome,
  );
  const failed = outcomes.filter(({ status }) => status === 'failed');
  const succeeded = progress.status === 'completed' || isTolerable(before, outcomes);
  const restart = !succeeded && attempt <= definition.retry.maxAttempts;
  const only = restart ? await undone(services, place, before) : null;
  await services.executions.change(place.executionId, async (change) => {
    const technology = withResources(
      await change.technology(place.waveNumber, place.technologyIndex),
      progress.outcomes,
    );
    if (technology.status !== 'in_progress') return;
    const { state: _, detail: __, error: ___, ...rest } = technology;
    change.putTechnology({ ...rest, results: { ...technology.results, ...progress.results } });
    if (succeeded) return complete(change, place, failed, services.now());
    const error = progress.error ?? summaryOf(failed);
    const next = only?.filter((resourceId) => !refused.includes(resourceId)) ?? null;
    await fail(change, place, { error, now: services.now(), restart, only: next });
  });
  if (!restart) return { status: succeeded ? 'completed' : 'failed', waitSeconds: 0 };
  return restartAfter(definition, attempt);
}

/** The plan's automatic retry, by the attempt that has failed. */
function restartAfter({ retry }: TechnologyRecord['definition'], attempt: number): Step {
  const waitMs = parseDuration(retry.interval) * retry.backoffRate ** (attempt - 1);
  return { status: 'restart', waitSeconds: Math.ceil(waitMs / 1_000) };
}

function failureOf(error: unknown): Failure {
  return { code: isBreakwaterError(error) ? error.code : 'Bug', message: messageOf(error) };
}
