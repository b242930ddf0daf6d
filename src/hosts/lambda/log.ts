import { reportOf } from '#core/errors.ts';

/** One line of JSON, with all causes. Lambda puts it into the function's log. */
export function logError(where: string, error: unknown): void {
  const { code, message, causes } = reportOf(error);
  const stack = error instanceof Error ? error.stack : undefined;
  process.stdout.write(`${JSON.stringify({ level: 'ERROR', where, code, message, causes, stack })}\n`);
}

/** A line that CloudWatch Logs reads. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
