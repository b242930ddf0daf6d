import type { ErrorCode } from '#core/error-codes.ts';
import { BreakwaterError, isBreakwaterError } from '#core/errors.ts';

/** What an error of Step Functions is to whoever called the port. What a table does not name goes on as the door threw it. */
type Codes = Readonly<Record<string, ErrorCode>>;

export const START_ERRORS: Codes = {
  ExecutionAlreadyExists: 'EngineExecutionExists',
  InvalidName: 'EngineStartInvalid',
  InvalidExecutionInput: 'EngineStartInvalid',
  InvalidArn: 'MachineNotFound',
  StateMachineDoesNotExist: 'MachineNotFound',
  StateMachineDeleting: 'MachineNotFound',
};

/** An id that is no ARN cannot be that of an execution. */
export const EXECUTION_ERRORS: Codes = {
  ExecutionDoesNotExist: 'EngineExecutionNotFound',
  InvalidArn: 'EngineExecutionNotFound',
};

/** `TaskTimedOut` is said of a token whose task has been closed in whatever way; `TaskDoesNotExist` of one whose execution is gone. */
export const TOKEN_ERRORS: Codes = {
  InvalidToken: 'TaskTokenInvalid',
  TaskDoesNotExist: 'TaskTokenUsed',
  TaskTimedOut: 'TaskTokenUsed',
  InvalidOutput: 'TaskOutputInvalid',
};

/** Runs a call. Throws the port's code for an error that the table names. */
export async function called<T>(codes: Codes, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!isBreakwaterError(error)) throw error;
    const { awsError } = error.details;
    const code = typeof awsError === 'string' ? codes[awsError] : undefined;
    throw code === undefined
      ? error
      : new BreakwaterError(code, error.message, { cause: error, details: error.details });
  }
}
