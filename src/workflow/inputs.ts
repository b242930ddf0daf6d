import { z } from 'zod';

/** Payloads of the handlers: ids only. Parsed at the edge of each. */

export const ExecutionInput = z.object({ executionId: z.string() });
export const WaveInput = ExecutionInput.extend({ waveNumber: z.int() });
export const TechnologyInput = WaveInput.extend({ technologyIndex: z.int() });
/** Which technology of which execution. */
export type Place = Readonly<z.infer<typeof TechnologyInput>>;

/** `$states.errorOutput` of a Catch. */
export const CaughtError = z.object({ Error: z.string(), Cause: z.string().optional() }).nullish();
export type CaughtError = z.infer<typeof CaughtError>;

export const GateMessage = WaveInput.extend({
  kind: z.enum(['dependencies', 'pause', 'decision', 'approval']),
  taskToken: z.string(),
});
export type GateMessage = z.infer<typeof GateMessage>;

/** What a caught error says to a person: our own message where the handler threw one of ours. */
export function describeCaught(failure: CaughtError): { code: string; message: string } | null {
  if (!failure) return null;
  return { code: failure.Error, message: messageIn(failure.Cause) ?? (failure.Cause || failure.Error) };
}

function messageIn(cause: string | undefined): string | null {
  try {
    const parsed: unknown = JSON.parse(cause ?? '');
    const message = (parsed as { errorMessage?: unknown } | null)?.errorMessage;
    return typeof message === 'string' ? message : null;
  } catch {
    return null;
  }
}
