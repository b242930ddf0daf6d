import type { Json, JsonObject } from '#core/json.ts';
import type { TaskHandler } from '#engine/port.ts';
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
  const waits = new Map<string, number>();
  const failures = new Map<string, number>();
  const polls = new Map<string, number>();
  const gates = new Map<string, string>();
  /** What is inside the interpreter and will call again. */
  const away = new Set<string>();
  /** By wave: its technologies that have not ended. */
  const running = new Map<string, number>();
  /** What the master's own gate leads to. */
  let waves: string[] = [];
  let atWork = 0;
  let release: (() => void) | null = clock.hold();
  const look = (): void => {
    if (atWork === 0 || away.size > 0) {
      release ??= clock.hold();
    } else {
      release?.();
      release = null;
    }
  };
  const during = async (work: () => Promise<Json>, after: (answer: Json) => Json): Promise<Json> => {
    atWork++;
    look();
    try {
      return after(await work());
    } finally {
      atWork--;
      look();
    }
  };
  const addAway = (...keys: string[]): void => keys.forEach((key) => away.add(key));

  const technology =
    (name: string, handler: TaskHandler): TaskHandler =>
    (input) => {
      const key = keyOf(input);
      const wave = key.replace(/\/\d+$/, '');
      away.delete(key);
      const work = async (): Promise<Json> => {
        await clock.sleep(waits.get(key) ?? 0);
        try {
          return await handler(input);
        } catch (error) {
          const before = failures.get(key) ?? 0;
          failures.set(key, before + 1);
          waits.set(key, before < RETRY.times ? RETRY.firstMs * 2 ** before : 0);
          addAway(key);
          throw error;
        }
      };
      return during(work, (answer) => {
        const { status, waitSeconds } = answer as { status: string; waitSeconds: number };
        const goesOn = status === 'in_progress' || status === 'restart';
        const polled = (polls.get(key) ?? 0) + (name === 'technology-poll' ? 1 : 0);
        const isHandedOver = status === 'in_progress' && polled >= HAND_OVER;
        failures.delete(key);
        polls.set(key, isHandedOver ? 0 : polled);
        waits.set(key, goesOn && !isHandedOver ? waitSeconds * 1_000 : 0);
        if (goesOn) {
          addAway(key);
        } else {
          running.set(wave, running.get(wave)! - 1);
          if (running.get(wave) === 0) addAway(wave);
        }
        return { status, waitSeconds: 0 };
      });
    };
  const wave =
    (name: string, handler: TaskHandler): TaskHandler =>
    (input) => {
      const key = keyOf(input);
      away.delete(key);
      return during(
        () => handler(input),
        (answer) => {
          const { technologies = [], ...said } = (answer ?? {}) as Announcing;
          if (said.waves !== undefined) {
            waves = said.waves.map((each) => keyOf({ ...(input as JsonObject), ...each }));
            if (said.approvalTimeoutSeconds === 0) addAway(...waves);
          } else if (technologies.length > 0) {
            running.set(key, technologies.length);
            addAway(...technologies.map(({ technologyIndex }) => `${key}/${technologyIndex}`));
          } else if (!LAST.has(name)) {
            addAway(key);
          }
          return answer;
        },
      );
    };
  return {
    functions: Object.fromEntries(
      Object.entries(functions).map(([name, handler]) => [
        name,
        name.startsWith('technology-') ? technology(name, handler) : wave(name, handler),
      ]),
    ),
    receive: async (message) => {
      away.delete(keyOf(message));
      gates.set((message as { taskToken: string }).taskToken, keyOf(message));
      await during(
        async () => (await receive(message), null),
        (answer) => answer,
      );
    },
    opened: (taskToken) => {
      const key = gates.get(taskToken);
      // Opened before: it has led somewhere.
      if (!gates.delete(taskToken)) return;
      addAway(...(key!.endsWith('/0') ? waves : [key!]));
      look();
    },
  };
}

function keyOf(input: Json): string {
  const { executionId, waveNumber = 0, technologyIndex } = input as unknown as Place;
  return `${executionId}/${waveNumber}${technologyIndex === undefined ? '' : `/${technologyIndex}`}`;
}
