/** What ends a process in a test. No adapter may catch it: only a `BreakwaterError` is theirs. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** Does `run`; the process may die right after it. */
export type Step = <T>(run: () => Promise<T>) => Promise<T>;

/**
 * Counts the points at which a process could die, right after an effect and before its answer is used, and lets it die
 * at one of them. From then on nothing that the dead process began ever ends.
 */
export class CrashPoints {
  passed = 0;
  crashed = false;
  readonly #crashAt: number;
  #living = 0;

  /** `crashAt` from 1; 0: never. */
  constructor(crashAt: number) {
    this.#crashAt = crashAt;
  }

  /** A new process, with the way in which it does its steps. */
  process(): Step {
    const self = ++this.#living;
    const isDead = (): boolean => self !== this.#living;
    return async (run) => {
      if (isDead()) return never();
      const outcome = await run().then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      );
      if (isDead()) return never();
      this.#pass();
      if ('error' in outcome) throw outcome.error;
      return outcome.value;
    };
  }

  #pass(): void {
    this.passed++;
    if (this.crashed || this.passed !== this.#crashAt) return;
    this.crashed = true;
    this.#living++;
    throw new Crash(`the process died at point ${this.passed}`);
  }
}

function never<T>(): Promise<T> {
  return new Promise(() => {});
}
