import type { ExecutionEventRecord } from '#core/events.ts';

/** Tells listeners of the events of executions, after they are written. What a listener misses it can read from the records. */
export interface EventBus {
  publish(events: readonly ExecutionEventRecord[]): void;
  /** Answers how to stop listening. A listener must not throw and must not wait. */
  subscribe(listener: (event: ExecutionEventRecord) => void): () => void;
}

export function createEventBus(): EventBus {
  const listeners = new Set<(event: ExecutionEventRecord) => void>();
  return {
    publish(events) {
      for (const event of events) for (const listener of listeners) listener(event);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
