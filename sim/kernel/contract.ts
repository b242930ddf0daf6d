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
  /** Name in scenario files, table names and fault rules: `drs`, `rds`, `ec2`, `ssm`, `lambda`, `route53`, `elbv2`, `tagging`, `sts`, `sns`, `events`, `servicequotas`. */
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
  /** All resources of the scope that can carry tags, for Resource Groups Tagging. */
  readonly taggedResources?: (call: Call) => readonly TaggedResource[];
  /**
   * Sets (string) and removes (null) tags of one resource. Answers false if there is no such resource. A service
   * without it refuses to be tagged through Resource Groups Tagging, as DRS does.
   */
  readonly changeTags?: (
    call: Call,
    arn: string,
    changes: Readonly<Record<string, string | null>>,
  ) => boolean;
  /** What Service Quotas answers for the scope. */
  readonly quotas?: (call: Call) => readonly Quota[];
}

export interface TaggedResource {
  readonly arn: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** A quota of a service, as applied to one account and Region. */
export interface Quota {
  /** The service as Service Quotas calls it: `drs`, `ec2`, `rds`. */
  readonly serviceCode: string;
  /** Such as `L-B827C881`. */
  readonly code: string;
  readonly name: string;
  readonly value: number;
  readonly adjustable?: boolean;
}

/**
 * Operations typed by an SDK client: `operations: {…} satisfies Handlers<typeof import('@aws-sdk/client-rds')>`. Wrong
 * names, inputs and member types are compile errors; members that the service does not have are refused by the codec.
 */
export type Handlers<Client> = {
  readonly [N in OperationName<Client>]?: OperationHandler<
    InputOf<Client[`${N}Command` & keyof Client]>,
    OutputOf<Client[`${N}Command` & keyof Client]>
  >;
};

type OperationName<Client> = {
  [K in keyof Client]: K extends `${infer N}Command` ? N : never;
}[keyof Client];

/** Operations without required members have the constructor parameters `[] | [input]`. */
type InputOf<Command> = Command extends new (...parameters: infer P) => unknown ? OnlyElement<P> : never;
type OnlyElement<P> = P extends readonly [infer I] ? I : never;

type OutputOf<Command> = Command extends new (input: never) => {
  resolveMiddleware(
    stack: never,
    configuration: never,
    options: never,
  ): (args: never) => Promise<{ output: infer O }>;
}
  ? Omit<O, '$metadata'> | void
  : never;

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
