import type {
  BreakwaterClient,
  Execution,
  ExecutionEvent,
  Gate,
} from '../../clients/typescript/breakwater.ts';
import { followEvents } from '../../clients/typescript/follow-events.ts';
import { ProblemError } from '../../clients/typescript/transport.ts';

type Kind = Gate['kind'];

/** Resolves when the execution has opened a gate of this kind that is open still. */
export async function untilGate(client: BreakwaterClient, executionId: string, kind: Kind): Promise<Gate> {
  for await (const { code, data } of followEvents(client, { executionId })) {
    if (code !== 'GateOpened' || data['kind'] !== kind) continue;
    const { gates } = (await client.listGates({ executionId })).data;
    const gate = gates.find(({ gateId, status }) => gateId === data['gateId'] && status === 'open');
    if (gate !== undefined) return gate;
  }
  throw new TypeError(`${executionId} has ended without a ${kind} gate`);
}

/** Resolves when this has happened in the execution. */
export async function untilEvent(
  client: BreakwaterClient,
  executionId: string,
  wanted: ExecutionEvent['code'],
): Promise<void> {
  for await (const { code } of followEvents(client, { executionId })) if (code === wanted) return;
  throw new TypeError(`${executionId} has ended without ${wanted}`);
}

/** Resolves when the execution has ended. */
export async function untilEnded(client: BreakwaterClient, executionId: string): Promise<Execution> {
  for await (const _ of followEvents(client, { executionId }));
  return (await client.getExecution({ executionId })).data;
}

/** Status and code of the problem that a call is answered with. */
export async function refusal(call: Promise<unknown>): Promise<[status: number, code: string]> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ProblemError) return [error.status, error.code];
    throw error;
  }
  throw new TypeError('it was not refused');
}
