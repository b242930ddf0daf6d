import type { EventBus } from '#control/event-bus.ts';
import type { Clock } from '#core/clock.ts';
import type { ExecutionEventRecord } from '#core/events.ts';

/**
 * Keeps virtual time still while a decision or an approval is awaited: it would jump to the end of the gate before anybody
 * has seen it open. Answers how to let go. Other clocks do not mind.
 */
export function holdDecisions(events: EventBus, clock: Clock): () => void {
  const holds = new Map<string, () => void>();
  const release = (gate: string): void => {
    holds.get(gate)?.();
    holds.delete(gate);
  };
  const stop = events.subscribe(({ executionId, code, data }: ExecutionEventRecord) => {
    const gate = `${executionId}/${data['gateId']}`;
    const isAwaited = data['kind'] === 'decision' || data['kind'] === 'approval';
    if (code === 'GateOpened' && isAwaited) holds.set(gate, clock.hold());
    if (code === 'GateClosed') release(gate);
    if (/^Execution(Completed|Failed|Cancelled)$/.test(code))
      for (const held of holds.keys()) if (held.startsWith(`${executionId}/`)) release(held);
  });
  return () => {
    stop();
    for (const gate of holds.keys()) release(gate);
  };
}
