import type { EventBus } from '#control/event-bus.ts';
import type { Clock } from '#core/clock.ts';
import type { ExecutionEventRecord } from '#core/events.ts';
import type { ExecutionRepository } from '#store/executions.ts';

/**
 * Keeps virtual time still while a decision or an approval is awaited: it would jump to the end of the gate before anybody
 * has seen it open. That goes for gates, too, that were open when an earlier process ended: those of the executions that it has
 * `recovered`. Answers how to let go. Other clocks do not mind.
 */
export async function holdDecisions(
  {
    events,
    executions,
  }: { readonly events: EventBus; readonly executions: Pick<ExecutionRepository, 'gates'> },
  clock: Clock,
  recovered: readonly string[],
): Promise<() => void> {
  const holds = new Map<string, () => void>();
  const closed = new Set<string>();
  const hold = (gate: string): void => void (closed.has(gate) || holds.set(gate, clock.hold()));
  const release = (gate: string): void => {
    closed.add(gate);
    holds.get(gate)?.();
    holds.delete(gate);
  };
  const stop = events.subscribe(({ executionId, code, data }: ExecutionEventRecord) => {
    const gate = `${executionId}/${data['gateId']}`;
    if (code === 'GateOpened' && isAwaited(data['kind'])) hold(gate);
    if (code === 'GateClosed') release(gate);
    if (/^Execution(Completed|Failed|Cancelled)$/.test(code))
      for (const held of holds.keys()) if (held.startsWith(`${executionId}/`)) release(held);
  });
  for (const executionId of recovered) {
    const open = (await executions.gates(executionId)).filter(
      ({ status, kind }) => status === 'open' && isAwaited(kind),
    );
    for (const { gateId } of open) hold(`${executionId}/${gateId}`);
  }
  return () => {
    stop();
    for (const gate of holds.keys()) release(gate);
  };
}

function isAwaited(kind: unknown): boolean {
  return kind === 'decision' || kind === 'approval';
}
