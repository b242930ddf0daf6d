import type { Json, JsonObject } from '#core/json.ts';
import type { TaskHandler } from '#engine/port.ts';
import type { Cast } from './perform.ts';

/** What every message of our machines says of where it comes from; the master's own messages name no wave. */
interface Place {
  readonly executionId: string;
  readonly waveNumber?: number;
  readonly technologyIndex?: number;
}

/**
 * A cast whose waits pass in virtual time although the interpreter lives in real time, for plans whose waves run one after the
 * other. The same plan then meets the same estate at the same moments as on the embedded engine.
 *
 * 1. A technology's wait passes here, before its next `Start` or `Poll` is handled: the interpreter is told to wait 0 seconds.
 * 2. Time stands still while anything that has begun is inside the interpreter: a technology that a wave has announced, one whose
 *    last answer has not led to the next call, a wave whose gate was opened; and while no handler is at work at all.
 */
export function inVirtualTime({ clock, functions, receive }: Cast): Pick<Cast, 'functions' | 'receive'> & {
  /** To be told of each token before its task is completed. */
  opened(taskToken: string): void;
} {
  const waits = new Map<string, number>();
  const gates = new Map<string, string>();
  /** What is inside the interpreter and will call again. */
  const away = new Set<string>();
  let announced = 0;
  let atWork = 0;
  let release: (() => void) | null = clock.hold();
  const look = (): void => {
    if (atWork === 0 || announced > 0 || away.size > 0) {
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

  /** Behind the master's own gate come the waves. */
  const arrived = (input: Json): void => {
    away.delete(keyOf(input));
    away.delete(keyOf({ ...(input as JsonObject), waveNumber: 0 }));
  };

  const technology =
    (handler: TaskHandler): TaskHandler =>
    (input) => {
      const key = keyOf(input);
      if (!away.delete(key)) announced--;
      const work = async (): Promise<Json> => {
        await clock.sleep(waits.get(key) ?? 0);
        return handler(input);
      };
      return during(work, (answer) => {
        const { status, waitSeconds } = answer as { status: string; waitSeconds: number };
        const goesOn = status === 'in_progress' || status === 'restart';
        waits.set(key, goesOn ? waitSeconds * 1_000 : 0);
        if (goesOn) away.add(key);
        return { status, waitSeconds: 0 };
      });
    };
  const wave =
    (handler: TaskHandler): TaskHandler =>
    (input) => {
      arrived(input);
      return during(
        () => handler(input),
        (answer) => {
          const { technologies } = (answer ?? {}) as { technologies?: Json[] };
          announced += technologies?.length ?? 0;
          return answer;
        },
      );
    };
  const isOfTechnology = (name: string): boolean => name === 'technology-start' || name === 'technology-poll';
  return {
    functions: Object.fromEntries(
      Object.entries(functions).map(([name, handler]) => [
        name,
        isOfTechnology(name) ? technology(handler) : wave(handler),
      ]),
    ),
    receive: async (message) => {
      arrived(message);
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
      away.add(key!);
      look();
    },
  };
}

function keyOf(input: Json): string {
  const { executionId, waveNumber = 0, technologyIndex } = input as unknown as Place;
  return `${executionId}/${waveNumber}${technologyIndex === undefined ? '' : `/${technologyIndex}`}`;
}
