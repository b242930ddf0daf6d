import type { ExecutionStatus } from '#core/states.ts';

/** How a command ends, for scripts. */
export const EXIT_CODES = {
  ok: { code: 0, summary: 'done; the execution completed; the plan is valid' },
  invalid: {
    code: 1,
    summary: 'could not start, wrong usage, or the plan is not valid; nothing was changed',
  },
  failed: { code: 2, summary: 'the execution failed' },
  cancelled: { code: 3, summary: 'the execution was cancelled' },
  changes: { code: 4, summary: 'a deployment would change something; nothing was changed' },
  interrupted: {
    code: 130,
    summary: 'stopped by Ctrl-C or SIGTERM; the execution goes on with `executions resume`',
  },
} as const;

export type ExitName = keyof typeof EXIT_CODES;

/** How a command ends that has followed an execution to its end. */
export function exitOfStatus(status: ExecutionStatus): ExitName {
  if (status === 'completed') return 'ok';
  return status === 'cancelled' ? 'cancelled' : 'failed';
}
