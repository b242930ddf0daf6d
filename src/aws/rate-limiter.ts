import type { Clock } from '#core/clock.ts';
import { LIMITS, type Limit, type Limits } from './limits-table.ts';

/** Lets calls through at the rates of the table. One instance per door. */
export interface RateLimiter {
  /**
   * Runs `work` when a token and a place are free, in order of asking. Rejects with the signal's reason if it aborts
   * first.
   */
  run<T>(params: RateLimited, work: () => Promise<T>): Promise<T>;
}

export interface RateLimited {
  /** What the bucket belongs to: account and Region. */
  readonly scope: string;
  readonly service: string;
  readonly operation: string;
  readonly signal?: AbortSignal | undefined;
}

export function createRateLimiter({ clock, limits = {} }: { clock: Clock; limits?: Limits }): RateLimiter {
  const table: Limits = { ...LIMITS, ...limits };
  const buckets = new Map<string, Bucket>();
  return {
    async run({ scope, service, operation, signal }, work) {
      const name = `${service}.${operation}` in table ? `${service}.${operation}` : service;
      const limit = table[name];
      if (limit === undefined) return work();
      const key = `${scope}/${name}`;
      const bucket = buckets.get(key) ?? new Bucket(clock, limit);
      buckets.set(key, bucket);
      return bucket.run(work, signal);
    },
  };
}

/** A token bucket (as a schedule: the time at which the bucket would be full again) behind a bounded number of places. */
class Bucket {
  readonly #clock: Clock;
  readonly #limit: Limit;
  #fullAt = 0;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(clock: Clock, limit: Limit) {
    this.#clock = clock;
    this.#limit = limit;
  }

  async run<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    await this.#enter();
    try {
      const waitMs = this.#takeToken();
      if (waitMs > 0) await this.#clock.sleep(waitMs, signal);
      return await work();
    } finally {
      this.#leave();
    }
  }

  #takeToken(): number {
    const now = this.#clock.now();
    const tokenMs = 1_000 / this.#limit.perSecond;
    this.#fullAt = Math.max(this.#fullAt, now) + tokenMs;
    return Math.ceil(this.#fullAt - now - this.#limit.burst * tokenMs);
  }

  async #enter(): Promise<void> {
    if (this.#running >= this.#limit.concurrent)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
  }

  /** Hands the place to the next in line, or frees it. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running--;
    else next();
  }
}
