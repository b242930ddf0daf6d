import type { z } from 'zod';
import type { World } from './world.ts';

/** Where an operation happens. Global services (Route 53) see region `'global'`. */
export interface Scope {
  readonly accountId: string;
  readonly region: string;
}

/** One request, as an operation sees it. Operations are synchronous functions of the world. */
export interface Call extends Scope {
  readonly world: World;
  /** Milliseconds since 1970 in simulated time. */
  readonly now: number;
  /** ARN of the caller. */
  readonly principal: string;
}

/** Input and output as the SDK's command types have them (Dates for timestamps, Uint8Array for blobs). */
export type OperationHandler<I = never, O = unknown> = (call: Call, input: I) => O;

/**
 * A simulated service. One folder under `sim/services/`: `README.md` (what it does, and where it departs from AWS),
 * `index.ts` (exports the definition), one file per operation or per family of operations.
 */
export interface ServiceDefinition {
  /** Name in scenario files, table names and fault rules: `drs`, `rds`, `ec2`, `ssm`, `lambda`, `route53`, `elbv2`, `tagging`, `sts`, `servicequotas`. */
  readonly name: string;
  readonly global?: boolean;
  readonly operations: Readonly<Record<string, OperationHandler>>;
  /** Schema of the service's section in a scenario: `accounts[].regions.<region>.<name>` (global: `accounts[].<name>`). */
  readonly scenario?: z.ZodType;
  /** Creates what the section (parsed) describes. Runs once, at the scenario's start time, before any request. */
  readonly seed?: (call: Call, section: never) => void;
  /** What happens later by itself: handlers for `world.later`, by kind. */
  readonly agenda?: Readonly<Record<string, (call: Call, data: never) => void>>;
  /**
   * True for operations that only read: they can be served stale, and never count as side effects. Default: the name
   * starts with Describe, Get, List, Head or BatchGet.
   */
  readonly isRead?: (operation: string) => boolean;
}

/** An error as AWS answers it. `code` is the shape's name (`DBClusterNotFoundFault`); the codec finds wire code and status. */
export class ServiceError extends Error {
  readonly code: string;
  /** Further modelled members, such as `retryAfterSeconds`, and `httpStatus` for errors that no model declares. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, members: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.members = members;
  }
}
