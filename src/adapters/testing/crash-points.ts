/** What ends a process in a test. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** Does `run`; the process may die right after it. */
export type Step = <T>(run: () => Promise<T>) => Promise<T>;

/** A process: how it does its steps, and a promise that rejects with `Crash` if it dies. */
export interface Process {
  readonly step: Step;
  readonly death: Promise<never>;
}

/**
 * Counts the points at which a process could die, right after an effect and before its answer is used, and lets it die
 * at one of them. Nothing that the dead process was waiting for ever comes, so none of its code runs on.
 */
export class CrashPoints {
  passed = 0;
  crashes = 0;
  readonly #crashAt: readonly number[];

  /** Points from 1, counted over all processes. */
  constructor(crashAt: readonly number[]) {
    this.#crashAt = crashAt;
  }

  process(): Process {
    const { promise: death, reject } = Promise.withResolvers<never>();
    // Whoever runs the process waits for it; if nobody does any more, that is no matter.
    death.catch(() => {});
    let isDead = false;
    const step: Step = async (run) => {
      if (isDead) return never();
      const outcome = await run().then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      );
      if (isDead) return never();
      this.passed++;
      if (this.#crashAt.includes(this.passed)) {
        isDead = true;
        this.crashes++;
        reject(new Crash(`the process died at point ${this.passed}`));
        return never();
      }
      if ('error' in outcome) throw outcome.error;
      return outcome.value;
    };
    return { step, death };
  }
}

function never<T>(): Promise<T> {
  return new Promise(() => {});
}
