/** A token bucket: `burst` at once, then `perSecond`. `concurrent` calls at most under way. */
export interface Limit {
  readonly perSecond: number;
  readonly burst: number;
  readonly concurrent: number;
}

export type Limits = Readonly<Record<string, Limit>>;

/**
 * How fast Breakwater calls AWS, per account and Region (global services: per account). Keys are `service` or
 * `service.operation`; a call takes from its operation's bucket if there is one, else from its service's. Below AWS's own
 * limits on purpose: others call in the same account.
 */
export const LIMITS: Limits = {
  // Not published. A guess that a small token bucket would bear.
  drs: { perSecond: 5, burst: 10, concurrent: 8 },
  // Non-mutating 20/s, burst 100; mutating 5/s, burst 50: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
  ec2: { perSecond: 15, burst: 50, concurrent: 8 },
  'ec2.createTags': { perSecond: 5, burst: 50, concurrent: 8 },
  // Request bucket of StartInstances 2/s, burst 5 (same page).
  'ec2.startInstances': { perSecond: 2, burst: 5, concurrent: 4 },
  'ec2.stopInstances': { perSecond: 5, burst: 50, concurrent: 8 },
  // Not published for RDS, ELB and Systems Manager; SSM mutating calls are known to be throttled early.
  rds: { perSecond: 10, burst: 20, concurrent: 8 },
  elbv2: { perSecond: 10, burst: 20, concurrent: 8 },
  ssm: { perSecond: 10, burst: 20, concurrent: 8 },
  'ssm.sendCommand': { perSecond: 5, burst: 5, concurrent: 4 },
  // Invoke is limited by concurrency (1,000 by default), not by rate.
  lambda: { perSecond: 50, burst: 100, concurrent: 32 },
  // 5 requests per second and account, over all Regions: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html
  route53: { perSecond: 4, burst: 4, concurrent: 2 },
  // Publish to standard topics: 300/s in the smallest Regions: https://docs.aws.amazon.com/general/latest/gr/sns.html
  sns: { perSecond: 20, burst: 50, concurrent: 8 },
  // PutEvents: 400/s in the smallest Regions: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
  events: { perSecond: 20, burst: 50, concurrent: 8 },
  // GetResources 15/s.
  tagging: { perSecond: 10, burst: 10, concurrent: 4 },
  sts: { perSecond: 20, burst: 50, concurrent: 8 },
  // Of the smaller Regions, per operation: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
  'stepFunctions.startExecution': { perSecond: 100, burst: 500, concurrent: 32 },
  'stepFunctions.stopExecution': { perSecond: 15, burst: 250, concurrent: 8 },
  'stepFunctions.describeExecution': { perSecond: 8, burst: 200, concurrent: 8 },
  'stepFunctions.describeStateMachine': { perSecond: 8, burst: 200, concurrent: 8 },
  'stepFunctions.getExecutionHistory': { perSecond: 15, burst: 300, concurrent: 8 },
  // SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat: 1,500, then 300/s.
  stepFunctions: { perSecond: 200, burst: 1_000, concurrent: 32 },
  // One person signs in.
  cognito: { perSecond: 5, burst: 10, concurrent: 2 },
  // ListServiceQuotas 10/s.
  quotas: { perSecond: 5, burst: 10, concurrent: 2 },
};
