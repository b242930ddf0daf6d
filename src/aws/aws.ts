import type { DrsCalls } from './services/drs.ts';
import type { EventsCalls } from './services/events.ts';
import type { Ec2Calls } from './services/ec2.ts';
import type { Elbv2Calls } from './services/elbv2.ts';
import type { LambdaCalls } from './services/lambda.ts';
import type { QuotaCalls } from './services/quotas.ts';
import type { RdsCalls } from './services/rds.ts';
import type { Route53Calls } from './services/route53.ts';
import type { SnsCalls } from './services/sns.ts';
import type { SsmCalls } from './services/ssm.ts';
import type { StepFunctionsCalls } from './services/step-functions.ts';
import type { StsCalls } from './services/sts.ts';
import type { TaggingCalls } from './services/tagging.ts';

/**
 * The only door to AWS. A target is an account and a Region; its services are narrow: just the operations that
 * Breakwater calls. Each call is retried, rate limited and, when it fails for good, throws a `BreakwaterError` with
 * one of the `Aws…` codes and `details: {service, operation, iamAction, accountId, region, awsError, awsMessage, requestId,
 * httpStatus, ambiguous}`. `ambiguous: true`: AWS may have acted all the same, so look before calling again.
 * `afterLostAnswer: true`: an earlier attempt of this very call may have taken effect, and this may be what it led to.
 */
export interface Aws {
  /** `accountId` undefined: the caller's own account. `region` undefined: the configured one. */
  for(target: { readonly accountId?: string | undefined; readonly region?: string | undefined }): AwsTarget;
}

export interface AwsTarget {
  readonly accountId: string | undefined;
  readonly region: string;
  readonly drs: DrsCalls;
  readonly rds: RdsCalls;
  readonly ec2: Ec2Calls;
  readonly ssm: SsmCalls;
  readonly lambda: LambdaCalls;
  readonly route53: Route53Calls;
  readonly elbv2: Elbv2Calls;
  readonly tagging: TaggingCalls;
  readonly sts: StsCalls;
  readonly sns: SnsCalls;
  readonly events: EventsCalls;
  readonly quotas: QuotaCalls;
  readonly stepFunctions: StepFunctionsCalls;
}
