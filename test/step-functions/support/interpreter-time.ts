import type { VirtualClock } from '#clocks/virtual.ts';
import type { Json, JsonObject } from '#core/json.ts';
import type { QueueHandler, TaskHandler } from '#engine/port.ts';
import type { Cast } from './perform.ts';

/** What every message of our machines says of where it comes from; the master's own messages name no wave. */
interface Place {
  readonly executionId: string;
  readonly waveNumber?: number;
  readonly technologyIndex?: number;
}

/** As `Retry` in the machines has it: the first interval, which doubles each time. */
const RETRY = { firstMs: 2_000, times: 6 };
/** After so many polls a fresh execution goes on, and polls at once. */
const HAND_OVER = 500;
/** Nothing of a wave, or of the execution, comes after these. */
const LAST = new Set(['complete-wave', 'abort-wave', 'cleanup-execution']);
/** As far as the answers of handlers are looked at. */
interface Announcing {
  readonly waves?: readonly JsonObject[];
  readonly approvalTimeoutSeconds?: number;
  readonly technologies?: readonly { readonly technologyIndex: number }[];
}

/** What is known of a technology between its calls. */
interface Round {
  /** Until its next call. */
  readonly waitMs: number;
  readonly failures: number;
  readonly polls: number;
}

const FIRST_ROUND: Round = { waitMs: 0, failures: 0, polls: 0 };

/**
 * A cast whose waits pass in virtual time although the interpreter lives in real time. The same plan then meets the same estate at the
 * same moments as on the embedded engine, also when its waves run side by side.
 *
 * 1. A technology's wait passes here, before its next `Start` or `Poll` is handled: the interpreter is told to wait 0 seconds. So does
 *    the interval before a handler that threw is tried again; that one the interpreter waits for, too, in its own time.
 * 2. Time stands still while anything that has begun is inside the interpreter: waves that the execution has announced, technologies
 *    that a wave has announced, one whose last answer has not led to the next call, a wave whose gate was opened, whose last technology
 *    has ended or whose handler has answered; and while no handler is at work at all.
 */
export function inVirtualTime({ clock, functions, receive }: Cast): Pick<Cast, 'functions' | 'receive'> & {
  /** To be told of each token before its task is completed. */
  opened(taskToken: string): void;
} {
  const time = new InterpreterTime(clock);
  const timed = Object.entries(functions).map(([name, handler]): [string, TaskHandler] => [
    name,
    (input) =>
      name.startsWith('technology-')
        ? time.callTechnology(name, handler, input)
        : time.callWave(name, handler, input),
  ]);
  return {
    functions: Object.fromEntries(timed),
    receive: (message) => time.receive(receive, message),
    opened: (taskToken) => time.open(taskToken),
  };
}

class InterpreterTime {
  readonly #clock: VirtualClock;
  /** What is inside the interpreter and will call again. */
  readonly #away = new Set<string>();
  /** By technology. */
  readonly #rounds = new Map<string, Round>();
  /** By wave: its technologies that have not ended. */
  readonly #running = new Map<string, number>();
  /** By token: what its gate belongs to. */
  readonly #gates = new Map<string, string>();
  /** What the master's own gate leads to. */
  #waves: string[] = [];
  #atWork = 0;
  /** Lets time go on; `null`: it does. */
  #release: (() => void) | null;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
    this.#release = clock.hold();
  }

  callTechnology(name: string, handler: TaskHandler, input: Json): Promise<Json> {
    const key = keyOf(input);
    const round = this.#rounds.get(key) ?? FIRST_ROUND;
    return this.#during(key, async () => {
      await this.#clock.sleep(round.waitMs);
      try {
        const answer = (await handler(input)) as unknown as TechnologyAnswer;
        this.#rounds.set(key, roundAfter(round, name, answer));
        if (goesOn(answer)) this.#leave(key);
        else this.#end(waveOf(key));
        return { status: answer.status, waitSeconds: 0 };
      } catch (error) {
        this.#rounds.set(key, roundAfterFailure(round));
        this.#leave(key);
        throw error;
      }
    });
  }

  callWave(name: string, handler: TaskHandler, input: Json): Promise<Json> {
    const key = keyOf(input);
    return this.#during(key, async () => {
      const answer = await handler(input);
      const { waves, technologies = [], approvalTimeoutSeconds } = (answer ?? {}) as Announcing;
      if (waves !== undefined) {
        this.#waves = waves.map((each) => keyOf({ ...(input as JsonObject), ...each }));
        if (approvalTimeoutSeconds === 0) this.#leave(...this.#waves);
      } else if (technologies.length > 0) {
        this.#running.set(key, technologies.length);
        this.#leave(...technologies.map(({ technologyIndex }) => `${key}/${technologyIndex}`));
      } else if (!LAST.has(name)) {
        this.#leave(key);
      }
      return answer;
    });
  }

  receive(handler: QueueHandler, message: Json): Promise<void> {
    const key = keyOf(message);
    this.#gates.set((message as { taskToken: string }).taskToken, key);
    return this.#during(key, () => handler(message));
  }

  open(taskToken: string): void {
    const key = this.#gates.get(taskToken);
    // Opened before: it has led somewhere.
    if (!this.#gates.delete(taskToken)) return;
    this.#leave(...(key!.endsWith('/0') ? this.#waves : [key!]));
    this.#look();
  }

  /** Something has come out of the interpreter, and is worked on. */
  async #during<T>(key: string, work: () => Promise<T>): Promise<T> {
    this.#away.delete(key);
    this.#atWork++;
    this.#look();
    try {
      return await work();
    } finally {
      this.#atWork--;
      this.#look();
    }
  }

  #look(): void {
    if (this.#atWork === 0 || this.#away.size > 0) {
      this.#release ??= this.#clock.hold();
    } else {
      this.#release?.();
      this.#release = null;
    }
  }

  #leave(...keys: string[]): void {
    for (const key of keys) this.#away.add(key);
  }

  /** The last technology of a wave leaves the wave behind. */
  #end(wave: string): void {
    const running = this.#running.get(wave)! - 1;
    this.#running.set(wave, running);
    if (running === 0) this.#leave(wave);
  }
}

interface TechnologyAnswer {
  readonly status: string;
  readonly waitSeconds: number;
}

const goesOn = ({ status }: TechnologyAnswer): boolean => status === 'in_progress' || status === 'restart';

function roundAfter({ polls }: Round, name: string, answer: TechnologyAnswer): Round {
  const polled = polls + (name === 'technology-poll' ? 1 : 0);
  if (answer.status === 'in_progress' && polled >= HAND_OVER) return FIRST_ROUND;
  return { waitMs: goesOn(answer) ? answer.waitSeconds * 1_000 : 0, failures: 0, polls: polled };
}

function roundAfterFailure({ failures, polls }: Round): Round {
  const waitMs = failures < RETRY.times ? RETRY.firstMs * 2 ** failures : 0;
  return { waitMs, failures: failures + 1, polls };
}

/** What a message is about: the execution (wave 0), a wave, or a technology of it. */
function keyOf(input: Json): string {
  const { executionId, waveNumber = 0, technologyIndex } = input as unknown as Place;
  return `${executionId}/${waveNumber}${technologyIndex === undefined ? '' : `/${technologyIndex}`}`;
}

const waveOf = (technology: string): string => technology.replace(/\/\d+$/, '');
