import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a task token stands for. */
export interface TokenPlace {
  readonly execution: number;
  readonly thread: number;
  readonly task: number;
}

/**
 * Task tokens say where they lead and are sealed with a key of the journal: no table is needed to find the task, and a token
 * that was never issued cannot be made up.
 */
export class Tokens {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  issue(place: TokenPlace): string {
    const text = `${place.execution}.${place.thread}.${place.task}`;
    return `${text}.${this.#seal(text)}`;
  }

  /** `null` if it was never issued. */
  read(token: string): TokenPlace | null {
    const match = /^((\d{1,15})\.(\d{1,15})\.(\d{1,15}))\.([\w-]{32})$/.exec(token);
    if (match === null) return null;
    const [, text, execution, thread, task, seal] = match;
    if (!timingSafeEqual(Buffer.from(seal!), Buffer.from(this.#seal(text!)))) return null;
    return { execution: Number(execution), thread: Number(thread), task: Number(task) };
  }

  #seal(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url').slice(0, 32);
  }
}
