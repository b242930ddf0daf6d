import type { Clock } from '#core/clock.ts';
import type { AwsOptions } from './options.ts';
import { requestIdOf, type CallPlace } from './translate-error.ts';

/** Stands on every answer of simulated AWS. */
const SIMULATED_HEADER = 'x-breakwater-simulated';

interface Observing {
  readonly clock: Clock;
  readonly onCall: AwsOptions['onCall'];
  readonly place: CallPlace;
  readonly attempt: number;
}

/** Makes one attempt, and tells `onCall` how it ended. */
export async function observed(
  { clock, onCall, place, attempt }: Observing,
  makeCommand: () => object,
  send: (command: object) => Promise<unknown>,
): Promise<unknown> {
  const command = makeCommand();
  if (onCall === undefined) return send(command);
  const isSimulated = watchAnswer(command);
  const startedAt = clock.now();
  const tell = (result: unknown, error: string | null): void =>
    onCall({
      ...place,
      attempt,
      startedAt,
      durationMs: clock.now() - startedAt,
      error,
      requestId: requestIdOf(result),
      simulated: isSimulated(),
    });
  return send(command).then(
    (output) => {
      tell(output, null);
      return output;
    },
    (error: unknown) => {
      tell(error, error instanceof Error ? error.name : 'unknown');
      throw error;
    },
  );
}

/** A command of the SDK, as far as it can be watched. */
interface WatchedCommand {
  readonly middlewareStack: {
    add(
      middleware: (next: (args: unknown) => Promise<Handled>) => (args: unknown) => Promise<Handled>,
      options: { step: 'deserialize'; priority: 'low'; name: string; override: boolean },
    ): void;
  };
}

interface Handled {
  readonly response?: unknown;
}

/** Reads the headers below the SDK's deserializer: above it, an error has none of those that it does not know. */
function watchAnswer(command: object): () => boolean {
  let simulated = false;
  (command as WatchedCommand).middlewareStack.add(
    (next) => async (args) => {
      const handled = await next(args);
      const response = handled.response as { headers?: Readonly<Record<string, string>> } | undefined;
      simulated = response?.headers?.[SIMULATED_HEADER] === 'true';
      return handled;
    },
    // `override`: the command that assumes a role is sent more than once.
    { step: 'deserialize', priority: 'low', name: 'watchAnswer', override: true },
  );
  return () => simulated;
}
