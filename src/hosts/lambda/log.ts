import { reportOf } from '#core/errors.ts';

/** A line in the function's log, as it is. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A line of JSON. */
export function log(level: 'INFO' | 'ERROR', members: object): void {
  print(JSON.stringify({ level, ...members }));
}

/** What went wrong where, with all causes. */
export function logError(where: string, error: unknown): void {
  const { code, message, causes } = reportOf(error);
  const stack = error instanceof Error ? error.stack : undefined;
  log('ERROR', { where, code, message, causes, stack });
}
