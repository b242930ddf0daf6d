import { systemClock } from '#clocks/system.ts';
import type { ExecutionEventRecord } from '#core/events.ts';
import type { Json, JsonObject } from '#core/json.ts';
import type { Principal } from '#core/permissions.ts';
import { gatewayEvent } from '#hosts/lambda/testing/gateway-events.ts';
import { settled } from '../../step-functions/support/independent.ts';
import { look, type Acting, type Performed, type Play } from '../../step-functions/support/perform.ts';
import { SPEED, type Cloud } from './cloud.ts';

const PATIENCE_MS = 240_000;

/** Plays a plan to its end on a deployment. All that people do, they do through the API function. */
export async function playOn(
  cloud: Cloud,
  { plan, mode, people }: Play,
): Promise<Omit<Performed, 'tookMs'> & { executionId: string }> {
  const clock = systemClock();
  const jobs = everyMinute(cloud);
  await nameUsers(cloud);
  const started = await done(cloud, {
    operation: 'startExecution',
    body: { plan, mode } as unknown as Json,
    idempotencyKey: 'the-only-start',
    by: 'ana',
  });
  const executionId = started['executionId'] as string;
  const doings: Promise<void>[] = [];
  const acting: Acting = {
    control: controlBy(cloud),
    later: (waitMs, act) => void doings.push(clock.sleep(waitMs / SPEED).then(act)),
  };
  const until = clock.now() + PATIENCE_MS;
  let after = 0;
  let view: JsonObject = {};
  for (;;) {
    view = await done(cloud, { operation: 'getExecution', params: { executionId } });
    const page = await done(cloud, { operation: 'listEvents', params: { executionId }, query: { after } });
    for (const event of page['events'] as unknown as ExecutionEventRecord[]) {
      after = event.sequence;
      await people({ ...event, executionId }, acting);
    }
    if (['completed', 'failed', 'cancelled'].includes(view['status'] as string)) break;
    if (clock.now() > until) throw new TypeError(`it has not ended:\n${JSON.stringify(view, null, 1)}`);
    await clock.sleep(1_000);
  }
  await Promise.all(doings);
  // The state machine ends after its records.
  await settled(cloud.stage.engine, cloud.stage.idOf('recovery', executionId));
  await jobs.stop();
  const { status, outcome } = view as unknown as Performed['end'];
  return {
    executionId,
    end: { status, ...(outcome && { outcome }) },
    ...(await look(cloud.stage, cloud.store, executionId)),
  };
}

/** A minute of the world. Real seconds pass all the same, so it is less often than that. */
const TICK_MS = 5_000;

/** As its EventBridge rule does: invokes the function `jobs` again and again, and a last time when it is stopped. */
function everyMinute({ deployed }: Cloud): { stop(): Promise<void> } {
  const clock = systemClock();
  const stopping = new AbortController();
  const tick = (): Promise<unknown> => deployed.invoke('breakwater-jobs', '', { source: 'aws.events' });
  const ticking = (async () => {
    while (!stopping.signal.aborted) {
      await tick();
      await clock.sleep(TICK_MS, stopping.signal).catch(() => {});
    }
    await tick();
  })();
  // Told to whoever stops it.
  ticking.catch(() => {});
  return {
    stop: async () => {
      stopping.abort();
      await ticking;
    },
  };
}

function controlBy(cloud: Cloud): Acting['control'] {
  const act = async (
    operation: string,
    { executionId, by, reason }: { executionId: string; by: string; reason?: string },
  ) => {
    const body = reason === undefined ? {} : { reason };
    await done(cloud, { operation, params: { executionId }, body, by });
  };
  return {
    pause: (asked) => act('pauseExecution', asked),
    resume: (asked) => act('resumeExecution', asked),
    cancel: (asked) => act('cancelExecution', asked),
    decide: async ({ executionId, gateId, action, by, reason, principal }) => {
      if (principal !== undefined) return approve(cloud, { executionId, gateId, action, principal });
      const body = { action, ...(reason !== undefined && { reason }) };
      await done(cloud, { operation: 'actAtGate', params: { executionId, gateId }, body, by });
    },
  };
}

/** All direct invokes count as one person, so those whose approval counts come by API Gateway, which has verified their signatures. */
async function approve(
  { deployed }: Cloud,
  gate: { executionId: string; gateId: string; action: string; principal: Principal },
): Promise<void> {
  const { executionId, gateId, action, principal } = gate;
  const event = gatewayEvent({
    method: 'POST',
    path: `/executions/${executionId}/gates/${gateId}`,
    headers: { 'content-type': ['application/json'] },
    body: JSON.stringify({ action }),
    userArn: principal.id,
  });
  for (let times = 1; times <= 3; times++) {
    const { payload, isError } = await deployed.invoke('breakwater-api', 'gateway', event);
    // API Gateway answers 502, and one asks again.
    if (isError) continue;
    const { statusCode, body } = payload as { statusCode: number; body: string };
    if (statusCode === 200 || (times > 1 && statusCode === 409)) return;
    throw new TypeError(`${principal.id} at ${gateId}: ${statusCode} ${body}`);
  }
}

/** Which users have which role, as an administrator says once. */
async function nameUsers(cloud: Cloud): Promise<void> {
  const mappings = [{ arn: 'arn:aws:iam::111122223333:user/*', roles: ['RecoveryManager'] }];
  await done(cloud, { operation: 'putSettings', body: { identity: { iam: { mappings } } }, ifMatch: 0 });
}

/** What the API answers. A refusal is thrown, unless it says that what was asked has been done by the call that died before. */
export async function done(cloud: Pick<Cloud, 'ask'>, event: JsonObject): Promise<JsonObject> {
  const { status, body, isRepeated } = await cloud.ask(event);
  if (status < 400 || (isRepeated && (status === 409 || status === 412))) return body;
  throw new TypeError(`${JSON.stringify(event).slice(0, 500)}: ${status} ${JSON.stringify(body)}`);
}
