/**
 * Every error that Breakwater itself can raise, declared once. The key is the code that users and scripts see.
 *
 * - `retry`: `terminal` (never again), `retryable` (the same call may succeed later), `paused` (needs a person),
 *   `cancelled` (someone asked for it), `bug` (ours).
 * - `source`: who can mend it, the `user` or the `platform`.
 * - `remedy`: what to do, in one sentence.
 */
export const ERROR_CODES = {
  // Plans and scenarios
  PlanUnreadable: def(
    'terminal',
    'user',
    'Check that the plan file exists, can be read, and is YAML or JSON of at most 4 MiB.',
  ),
  PlanInvalid: def(
    'terminal',
    'user',
    'Mend each finding; it names the path, the value and what was expected.',
  ),
  ScenarioUnreadable: def(
    'terminal',
    'user',
    'Check that the scenario file exists, can be read, and is YAML or JSON of at most 64 MiB.',
  ),
  ScenarioInvalid: def(
    'terminal',
    'user',
    'Mend each finding; it names the path, the value and what was expected.',
  ),
  DurationInvalid: def('terminal', 'user', 'Write an ISO 8601 duration such as PT30S, PT5M or PT1H30M.'),
  ValidationFailed: def(
    'terminal',
    'user',
    'Mend each finding, or run `breakwater validate` to see them with their places in the file.',
  ),
  // Deployments
  DeploymentToolsMissing: def(
    'terminal',
    'user',
    'Install the packages of the CDK app with `npm ci`, in the working tree.',
  ),
  DeploymentInvalid: def(
    'terminal',
    'user',
    'Mend the settings of the deployment; infra/README.md has them.',
  ),
  DeploymentUnreadable: def(
    'paused',
    'user',
    'Check network and Region; give credentials of the control account that may cloudformation:DescribeStacks and GetTemplate.',
  ),
  // Executions
  ExecutionNotFound: def('terminal', 'user', 'List executions with `breakwater executions list`.'),
  ExecutionNotRunning: def('terminal', 'user', 'Only a running or paused execution can be changed.'),
  GateNotOpen: def('terminal', 'user', 'Look at the open gates with `breakwater executions show`.'),
  TransitionNotAllowed: def(
    'bug',
    'platform',
    'Report this: a state changed in a way the state machine does not allow.',
  ),
  ResourceLocked: def('paused', 'user', 'Wait for the other execution to end, or cancel it.'),
  // Engine
  MachineInvalid: def(
    'terminal',
    'platform',
    'Mend the state machine definition; the message names the state and the field.',
  ),
  MachineNotFound: def('terminal', 'platform', 'Load the state machine before starting it.'),
  EngineExecutionExists: def(
    'terminal',
    'platform',
    'Start with a new name, or with the same input as before.',
  ),
  EngineExecutionNotFound: def('terminal', 'platform', 'Check the execution id.'),
  EngineStartInvalid: def(
    'terminal',
    'platform',
    'Use a name of 1 to 80 characters without blanks and punctuation, and an input of at most 256 KiB.',
  ),
  EngineClosed: def('retryable', 'platform', 'Open the engine again and repeat the call.'),
  TaskTokenInvalid: def('terminal', 'platform', 'The token was never issued, or is malformed.'),
  TaskTokenUsed: def(
    'terminal',
    'platform',
    'The task has ended already: completed, failed, timed out or stopped.',
  ),
  TaskOutputInvalid: def('terminal', 'platform', 'Answer a task with JSON of at most 256 KiB.'),
  HandlerNotFound: def('bug', 'platform', 'Register the handler that the state machine names.'),
  // Data directory
  DataDirectoryInUse: def(
    'terminal',
    'user',
    'Use the running process, stop it, or choose another --data-dir.',
  ),
  DataDirectoryUnusable: def('terminal', 'user', 'Check the path, its permissions and the free space.'),
  RevisionConflict: def('retryable', 'platform', 'Read the record again and repeat the change.'),
  StoreCorrupt: def('terminal', 'platform', 'Restore the data directory from a backup.'),
  StoreRequestInvalid: def(
    'bug',
    'platform',
    'Report this: the store was asked for something it does not do.',
  ),
  RecordTooLarge: def('terminal', 'platform', 'Split the record, or make its content smaller.'),
  // AWS
  AwsCredentialsMissing: def(
    'terminal',
    'user',
    'Configure AWS credentials (environment, profile or role); a command with --scenario needs none.',
  ),
  AwsCredentialsExpired: def('paused', 'user', 'Renew the AWS credentials and retry.'),
  AwsAccessDenied: def(
    'terminal',
    'user',
    'Grant the IAM action named in the message to the role named there.',
  ),
  AwsRegionInvalid: def('terminal', 'user', 'Check the region name, and that the account has it enabled.'),
  AwsNotInitialized: def(
    'terminal',
    'user',
    'Initialize the service in this account and region; DRS: its console, or drs:InitializeService.',
  ),
  AwsUnreachable: def('retryable', 'platform', 'Check network and endpoint; the region may be down.'),
  AwsThrottled: def('retryable', 'platform', 'Wait; the call is repeated with back-off.'),
  AwsConflict: def('retryable', 'platform', 'Wait until the other operation on the resource has ended.'),
  AwsQuotaExceeded: def(
    'retryable',
    'platform',
    'Wait for capacity, or raise the quota named in the message.',
  ),
  AwsNotFound: def('terminal', 'user', 'Check the identifier, account and region.'),
  AwsRejected: def('terminal', 'user', 'Read the message of AWS: the request as such was refused.'),
  AwsFailed: def('retryable', 'platform', 'AWS had an internal error; the call is repeated with back-off.'),
  TargetAccountUnknown: def(
    'terminal',
    'user',
    'Set BREAKWATER_TARGET_ROLE to the name of the role to assume there; in a scenario, give the account a role.',
  ),
  // Adapters
  OperationUnknown: def(
    'terminal',
    'user',
    'Use one of the technologies and operations listed in the message.',
  ),
  ResourceUnresolved: def('terminal', 'user', 'Check the name, the tags, the account and the region.'),
  RecoveryFailed: def(
    'terminal',
    'user',
    'Look at the resource outcomes; then retry, skip or cancel at the decision gate.',
  ),
  TechnologyTimeout: def(
    'terminal',
    'user',
    'Look at what is still running; then retry, skip or cancel at the decision gate.',
  ),
  SolutionUnknown: def(
    'paused',
    'user',
    'Ask an Admin to put the solution into the settings, or mend the name in the plan.',
  ),
  SolutionUnreachable: def(
    'retryable',
    'platform',
    'Check the solution, its address and the network; work goes on once it answers.',
  ),
  SolutionDenied: def(
    'paused',
    'user',
    'Give this server a valid token for the solution, with the rights that the message names.',
  ),
  SolutionRefused: def(
    'terminal',
    'user',
    'Read what the solution says; mend it there or in the plan, then retry.',
  ),
  Cancelled: def('cancelled', 'user', 'Someone cancelled the execution.'),
  // Command line
  UsageInvalid: def('terminal', 'user', 'See --help.'),
  Declined: def('cancelled', 'user', 'Nothing was done. Confirm, or pass --yes.'),
  // Control plane
  RequestInvalid: def('terminal', 'user', 'Mend each finding; /openapi.json describes what is expected.'),
  CursorInvalid: def('terminal', 'user', 'Begin the list again without a cursor.'),
  RequestTooLarge: def('terminal', 'user', 'Send less; the message says how much is possible.'),
  RequestTooSlow: def(
    'retryable',
    'user',
    'Send the whole request at once; docs/security.md has the limits.',
  ),
  MediaTypeUnsupported: def(
    'terminal',
    'user',
    'Send a content type that the route takes; see /openapi.json.',
  ),
  MethodNotAllowed: def('terminal', 'user', 'Use a method that the Allow header names.'),
  RouteNotFound: def('terminal', 'user', 'See /openapi.json for the paths and methods that exist.'),
  Unauthenticated: def(
    'terminal',
    'user',
    'Present an identity that the server takes: a token, a sign-in or a proof by IAM; see docs/security.md.',
  ),
  Forbidden: def(
    'terminal',
    'user',
    'Ask an Admin for a role that has the permission, or for what else the message names.',
  ),
  TooManyRequests: def('retryable', 'user', 'Wait as long as the Retry-After header says.'),
  NotFound: def('terminal', 'user', 'Check the id; lists show what there is.'),
  AlreadyExists: def('terminal', 'user', 'Choose another id, or update what is there.'),
  PreconditionMissing: def('terminal', 'user', 'Send If-Match with the ETag that the last read answered.'),
  PreconditionFailed: def('terminal', 'user', 'Read it again, look at what changed, and repeat the change.'),
  InUse: def('terminal', 'user', 'Remove what refers to it first; the message names it.'),
  IdempotencyKeyReused: def('terminal', 'user', 'Use a new Idempotency-Key for another request.'),
  ApprovalRefused: def(
    'terminal',
    'user',
    'Let someone else approve; the message says why this one does not count.',
  ),
  AuditBroken: def(
    'terminal',
    'platform',
    'The audit trail was changed or lost records; keep the data directory as it is and compare with a backup.',
  ),
  NotReady: def('retryable', 'platform', 'Look at the log of the server; restart it once the cause is gone.'),
  ServerUnreachable: def('retryable', 'user', 'Check --api or BREAKWATER_URL, and that the server runs.'),
  SignInFailed: def(
    'terminal',
    'user',
    'Mend what it says, and sign in with `breakwater login`; docs/security.md says what the user pool needs.',
  ),
  // On AWS Lambda
  HostIncomplete: def(
    'terminal',
    'platform',
    'Deploy the function by infra/: it sets the environment that the message misses.',
  ),
  AnswerTooLarge: def(
    'terminal',
    'user',
    'Ask for a part, where there are pages; or invoke the function directly, which packs it: docs/api.md says how.',
  ),
  HandlerUnknown: def(
    'terminal',
    'platform',
    'Deploy functions and state machines together, from one version.',
  ),
  JobsFailed: def(
    'retryable',
    'platform',
    'The next minute tries again; each part that failed has left a line of its own in the log of the function.',
  ),
  // Ours
  Bug: def('bug', 'platform', 'Report this with the message and its causes.'),
} as const satisfies Record<string, ErrorDefinition>;

export type RetryClass = 'terminal' | 'retryable' | 'paused' | 'cancelled' | 'bug';

export interface ErrorDefinition {
  readonly retry: RetryClass;
  readonly source: 'user' | 'platform';
  readonly remedy: string;
}

export type ErrorCode = keyof typeof ERROR_CODES;

function def(retry: RetryClass, source: 'user' | 'platform', remedy: string): ErrorDefinition {
  return { retry, source, remedy };
}
