import { ERROR_CODES, type ErrorCode, type RetryClass } from './error-codes.ts';
import type { JsonObject } from './json.ts';

const BRAND = Symbol.for('breakwater.error');

export interface ErrorOptions {
  readonly cause?: unknown;
  /** Overrides the registered class of the code. */
  readonly retry?: RetryClass;
  /** Facts for machines: the path, the value, the AWS request id. Never a secret. */
  readonly details?: JsonObject;
}

/**
 * The only error that Breakwater raises. `message` is lower case, names the wrong value and does not repeat the
 * cause; the code's registered remedy says what to do.
 */
export class BreakwaterError extends Error {
  readonly [BRAND] = true;
  readonly code: ErrorCode;
  readonly retry: RetryClass;
  readonly details: JsonObject;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = code;
    this.code = code;
    this.retry = options.retry ?? ERROR_CODES[code].retry;
    this.details = options.details ?? {};
  }

  get source(): 'user' | 'platform' {
    return ERROR_CODES[this.code].source;
  }

  get remedy(): string {
    return ERROR_CODES[this.code].remedy;
  }
}

/** True for a `BreakwaterError`, also for one made by another copy of this module. */
export function isBreakwaterError(error: unknown): error is BreakwaterError {
  return typeof error === 'object' && error !== null && BRAND in error;
}

/** True if `error` is a `BreakwaterError` with this code. */
export function hasCode(error: unknown, code: ErrorCode): error is BreakwaterError {
  return isBreakwaterError(error) && error.code === code;
}

/** What can be shown of any thrown value: code, message, remedy, and the chain of causes, outermost first. */
export interface ErrorReport {
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy: string;
  readonly causes: readonly string[];
  readonly details: JsonObject;
}

/** Turns any thrown value into what a person or a log may see. An unknown error reports as `Bug`. */
export function reportOf(error: unknown): ErrorReport {
  const code = isBreakwaterError(error) ? error.code : 'Bug';
  return {
    code,
    message: messageOf(error),
    remedy: ERROR_CODES[code].remedy,
    causes: causesOf(error).map(messageOf),
    details: isBreakwaterError(error) ? error.details : {},
  };
}

/** The message of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function causesOf(error: unknown): unknown[] {
  const causes: unknown[] = [];
  let current = error;
  while (current instanceof Error && current.cause !== undefined && causes.length < 10) {
    current = current.cause;
    causes.push(current);
  }
  return causes;
}
