/** Why a resource cannot be worked on: a finding in an assessment, the reason of a failed outcome in a run. */
export interface Problem {
  readonly rule: string;
  readonly problem: string;
  readonly remedy: string;
}
