import type { AuditPage, AuditQuery, AuditVerdict, VerifyPart } from '#control/audit.ts';
import type { Actor } from '#control/audit-log.ts';
import type { Control } from '#control/control.ts';
import type { CheckResult } from '#control/doctor/check.ts';
import type { BreakwaterError } from '#core/errors.ts';
import type { EvidenceBundle } from '#core/evidence-bundle.ts';
import type { DeploymentPlan } from './deployment-plan.ts';

/**
 * What the command line needs from the process it runs in. `src/hosts/local/` implements it; tests have a fake.
 * All functions throw `BreakwaterError`s.
 */
export interface LocalHost {
  /**
   * Opens a Breakwater in this process: store, engine, door to AWS (real, or simulated from a scenario). Executions that
   * an earlier process left unfinished in the directory go on at once (`Session.recovered`).
   */
  open(params: OpenParams): Promise<Session>;
  /**
   * Reaches the executions in a data directory: through the process that runs on it, if there is one, else in this
   * process. A directory that does not exist is `DataDirectoryUnusable`; it is not made.
   */
  connect(params: ConnectParams): Promise<Session>;
  /** The same, bound to the server that was chosen; what was not chosen is as the environment says. Throws `UsageInvalid`. */
  at(server: ServerChoice): LocalHost;
  /** Signs a person in at the user pool of a server; what comes of it is kept for that server alone. Throws `SignInFailed`. */
  signIn(params: SignInParams): Promise<SignedIn>;
  /** Revokes the sign-in at that server, and forgets it. Throws `SignInFailed` where there is none, or it cannot be revoked (it is forgotten then, too). */
  signOut(server: ServerChoice): Promise<SignedIn>;
  /** Looks whether this machine, and with `aws` what Breakwater needs on AWS, is as it should be. What is wrong is an answer, no error. */
  doctor(params: DoctorParams): Promise<readonly CheckResult[]>;
  /**
   * Holds what the settings of a deployment make against what is deployed; reads only. Throws `DeploymentToolsMissing`, `DeploymentInvalid`
   * or `DeploymentUnreadable`.
   */
  deployPlan(params: DeployPlanParams): Promise<DeploymentPlan>;
  /** Starts the simulated AWS as an HTTP server on 127.0.0.1. */
  simulate(params: SimulateParams): Promise<Simulation>;
  /**
   * Serves the REST API on a data directory, which it holds. Executions that an earlier process left unfinished go on. A scenario that
   * the directory was run with before goes on as it was left.
   */
  serve(params: ServeParams): Promise<Serving>;
}

export interface ServerChoice {
  /** Of the API, with its stage if it has one: `https://x.execute-api.eu-west-1.amazonaws.com/v1`. */
  readonly api?: string;
  readonly auth?: 'token' | 'iam' | 'cognito';
}

export interface DeployPlanParams {
  /** Path of the file with the settings of the deployment. Omitted: all defaults. */
  readonly settings?: string;
}

export interface DoctorParams {
  readonly dataDir: string;
  readonly aws: boolean;
  /** Before the names of the tables of the records. */
  readonly tablePrefix?: string;
  /** Hears what is looked at now, and how much has been. */
  readonly onChange: (waiting: readonly string[], done: number) => void;
}

export interface SignInParams {
  readonly server: ServerChoice;
  /** Of the user pool. Never told by a server: it decides whom the person trusts. */
  readonly poolId?: string;
  /** Of the app client of the user pool. */
  readonly clientId?: string;
  readonly user: string;
  readonly ask: (question: SignInQuestion) => Promise<string>;
}

/** What a person has to answer. `setUpCode`: their authenticator has to be told the secret first. */
export type SignInQuestion =
  | { readonly kind: 'password' }
  | { readonly kind: 'newPassword' }
  | { readonly kind: 'code' }
  | { readonly kind: 'setUpCode'; readonly secret: string; readonly address: string };

export interface SignedIn {
  readonly api: string;
  readonly user: string;
}

export interface ServeParams {
  readonly dataDir: string;
  readonly scenario?: string;
  /** Omitted: as the directory was run before, else real time. */
  readonly time: Time;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Paths of PEM files. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Addresses and CIDR ranges of proxies that are believed who a caller is. */
  readonly trustProxy?: readonly string[];
  /** Path of a file with settings, which replace those that are kept. */
  readonly config?: string;
  /** Makes another Admin token, for when the first is lost. */
  readonly newAdminToken?: boolean;
  /** Hears, as lines of text, what is wrong inside. */
  readonly onError: (line: string) => void;
}

export interface Serving {
  readonly url: string;
  /** What IAM proofs for this server have to name. */
  readonly serverId: string;
  /** Shown this once: the directory has never had a token. */
  readonly adminToken: string | null;
  readonly recovered: readonly string[];
  readonly simulated: boolean;
  readonly clock: SessionClock;
  failure(): BreakwaterError | null;
  /** Takes no more requests, ends those under way, and stops working; no execution is lost by it. */
  close(): Promise<void>;
}

export interface OpenParams {
  /** `null`: nothing is kept (for `validate` and `discover`). */
  readonly dataDir: string | null;
  /** Path of a scenario file. Omitted: real AWS, or `AWS_ENDPOINT_URL`. */
  readonly scenario?: string;
  readonly time: Time;
}

/** How time passes. `scaled` and `virtual` need a scenario. */
export type Time =
  | { readonly kind: 'system' }
  | { readonly kind: 'scaled'; readonly speed: number }
  | { readonly kind: 'virtual'; readonly seed?: number };

export interface ConnectParams {
  readonly dataDir: string;
  /**
   * What to do when no process runs on the directory. `look`: read the records, nothing goes on. `work`: take the directory
   * over, with the scenario and the time it was run with, and let the unfinished executions go on.
   */
  readonly purpose: 'look' | 'work';
}

export interface Session {
  readonly control: Control;
  readonly clock: SessionClock;
  /** True when executions run in this process, and stop with it. */
  readonly runsHere: boolean;
  /** How long to wait before looking again, where each look costs a request to somewhere else. Default: 100 ms. */
  readonly lookEveryMs?: number;
  /** No process runs on the directory: what has not ended there stands still until someone takes it over. */
  readonly nobodyRuns?: boolean;
  /** Of the directory, or of the server; of what one has connected to. */
  readonly evidence?: SessionEvidence;
  /** Ids of executions that an earlier process left unfinished and that go on now. */
  readonly recovered: readonly string[];
  /** Why nothing can go on any more in this process, such as a full disk; `null` as long as all is well. */
  failure(): BreakwaterError | null;
  /** Stops working (no execution is lost by it) and gives the directory free. */
  close(): Promise<void>;
}

/** The audit trail, as far as the command line needs it. */
export interface SessionEvidence {
  list(query: AuditQuery): Promise<AuditPage>;
  verify(part?: VerifyPart): Promise<AuditVerdict>;
  /** Throws `ExecutionNotFound`, or `AuditBroken`. */
  bundle(executionId: string, actor: Actor): Promise<EvidenceBundle>;
}

/** The time that the executions of a session live in. */
export interface SessionClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** For people: `real time`, `60× real time`, `virtual time, seed 7`. */
  describe(): string;
}

export interface SimulateParams {
  readonly scenario: string;
  /** 0: any free port. */
  readonly port: number;
  readonly speed: number;
}

export interface Simulation {
  readonly url: string;
  /** Environment variables that point the AWS CLI and the SDKs at it, in the order to print. */
  readonly environment: readonly (readonly [name: string, value: string])[];
  close(): Promise<void>;
}
