import type { Json } from '#core/json.ts';
import type { TaskState } from '../asl/machine.ts';
import { Doc, docOf, withinLimit } from './doc.ts';
import type { Turn } from './turn.ts';

/** Evaluates a task's fields and records it; the engine dispatches it after the commit (invariant 1). */
export async function scheduleTask(turn: Turn, state: TaskState): Promise<void> {
  const { thread, host } = turn;
  const takesToken = state.kind === 'lambdaToken' || state.kind === 'queueToken';
  const scope = turn.scope(takesToken ? { token: host.tokenFor(thread, thread.tasks + 1) } : {});
  const target = await turn.text(state.target, scope, 'Arguments');
  const given = state.body === null ? {} : await state.body.evaluate(scope);
  const body = withinLimit(docOf(given, thread.value), 'Arguments');
  const timeout = state.timeoutSeconds && (await turn.number(state.timeoutSeconds, scope, 'TimeoutSeconds'));
  const heartbeat =
    state.heartbeatSeconds && (await turn.number(state.heartbeatSeconds, scope, 'HeartbeatSeconds'));
  const name = state.executionName && (await turn.text(state.executionName, scope, 'Arguments.Name'));
  turn.emit({
    k: 'schedule',
    r: state.resource,
    t: target,
    o: body,
    ...(state.kind === 'nested' ? { n: name ?? host.newId() } : {}),
    ...(timeout === null ? {} : { u: turn.at + timeout * 1000 }),
    ...(heartbeat === null ? {} : { b: heartbeat * 1000 }),
  });
}

/** `$states.result` of a task: the Lambda service wraps what the function answered. */
export function taskResult(state: TaskState, result: Doc): Doc {
  if (state.kind !== 'lambda') return result;
  const wrapped: Json = { ExecutedVersion: '$LATEST', Payload: result.value, StatusCode: 200 };
  return Doc.ofValue(wrapped);
}
