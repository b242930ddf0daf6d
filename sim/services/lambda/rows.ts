import { ServiceError, type Call, type Scope } from '#sim/kernel/contract.ts';
import type { Table } from '#sim/kernel/world.ts';

export type Scoped = Scope & Pick<Call, 'world'>;

export interface FunctionRow {
  readonly name: string;
  readonly arn: string;
  readonly runtime: string;
  readonly handler: string;
  readonly description: string;
  readonly state: 'Active' | 'Inactive' | 'Pending' | 'Failed';
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly aliases: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly changedAt: number;
  /** What it answers, as JSON text. */
  readonly response: string;
  /** What it fails with; `null`: it does not. */
  readonly error: { readonly type: string; readonly message: string } | null;
  /** How many invocations fail before the first good one. `null`: all, if there is an `error`. */
  readonly failTimes: number | null;
  readonly durationSeconds: number;
}

/** One run of a function's code, for whoever counts side effects. */
export interface InvocationRow {
  readonly id: string;
  readonly functionName: string;
  readonly type: 'RequestResponse' | 'Event';
  /** 1; up to 3 for an event that failed. */
  readonly attempt: number;
  readonly payload: string;
  readonly startsAt: number;
  /** When the code would have ended. A synchronous call answers at `startsAt` all the same: see README. */
  readonly endsAt: number;
  readonly error: string | null;
}

export const functions = (scope: Scoped): Table<FunctionRow> => scope.world.table(scope, 'lambda.functions');
export const invocations = (scope: Scoped): Table<InvocationRow> =>
  scope.world.table(scope, 'lambda.invocations');

/** By name, `name:qualifier`, partial ARN or ARN. */
export function getFunctionRow(call: Scoped, nameOrArn: string | undefined): FunctionRow {
  const parts = (nameOrArn ?? '').split(':');
  const at = parts.lastIndexOf('function');
  const name = parts[at < 0 ? 0 : at + 1] ?? '';
  const row = functions(call).get(name);
  if (row === undefined) {
    throw new ServiceError('ResourceNotFoundException', `Function not found: ${arnOf(call, name)}`, {
      Type: 'User',
    });
  }
  return row;
}

export function arnOf(scope: Scope, name: string): string {
  return `arn:aws:lambda:${scope.region}:${scope.accountId}:function:${name}`;
}
