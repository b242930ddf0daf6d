/**
 * The only way to know or to pass time. Three implementations (`#clocks/*`): system, scaled (a demo at 60× shows
 * simulated durations) and virtual (jumps to the next timer when nothing is in flight).
 */
export interface Clock {
  /** Milliseconds since 1970 in the time of this world. */
  now(): number;
  /** Calls `callback` once at `timeMs` (at once, but never synchronously, if that has passed). Returns the way to cancel. */
  at(timeMs: number, callback: () => void): () => void;
  /** Resolves after `ms`. Rejects with `signal.reason` as soon as the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * Says that real work is under way (disk, network, a person): virtual time stands still until the returned function
   * is called. Does nothing on other clocks. Work that consists of promises and clock timers alone needs no hold.
   */
  hold(): () => void;
}
