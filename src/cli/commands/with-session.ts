import type { Control } from '#control/control.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { Context } from '../command.ts';
import type { ExitName } from '../exit-codes.ts';
import type { ConnectParams, Session } from '../host.ts';

/** Reaches the executions of a data directory for as long as `use` runs. */
export async function withSession(
  params: ConnectParams,
  { local }: Pick<Context, 'local'>,
  use: (session: Session) => Promise<ExitName>,
): Promise<ExitName> {
  const session = await local.connect(params);
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

/** The id that was given, or that of the execution begun last for `latest`. Throws `ExecutionNotFound`. */
export async function resolveExecutionId(control: Control, given: string): Promise<string> {
  if (given !== 'latest') return given;
  const { executions } = await control.listExecutions({ limit: 1 });
  const latest = executions[0];
  if (latest === undefined) throw new BreakwaterError('ExecutionNotFound', 'there is no execution yet');
  return latest.executionId;
}
