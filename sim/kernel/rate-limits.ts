import { z } from 'zod';

export interface Limit {
  /** How many requests come back each second. */
  readonly perSecond: number;
  /** How many may come at once. */
  readonly burst: number;
}

/** Limits of one service; those of single operations replace the general one for them. */
export interface ServiceLimits {
  readonly all?: Limit | undefined;
  readonly reads?: Limit | undefined;
  readonly writes?: Limit | undefined;
  readonly operations?: Readonly<Record<string, Limit>> | undefined;
}

export type RateLimits = Readonly<Record<string, ServiceLimits | null>>;

/**
 * What an account may ask, per Region. Sources: EC2 and Route 53 publish theirs
 * (https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html,
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html); DRS and tagging do not, so these are
 * guesses on the safe side.
 */
export const DEFAULT_RATE_LIMITS: RateLimits = {
  route53: { all: { perSecond: 5, burst: 5 } },
  ec2: {
    reads: { perSecond: 20, burst: 100 },
    writes: { perSecond: 5, burst: 50 },
    operations: {
      StartInstances: { perSecond: 2, burst: 5 },
      TerminateInstances: { perSecond: 5, burst: 100 },
      CreateTags: { perSecond: 10, burst: 100 },
    },
  },
  drs: { all: { perSecond: 5, burst: 10 } },
  tagging: { all: { perSecond: 15, burst: 15 } },
};

const LimitSchema = z.strictObject({ perSecond: z.number().positive(), burst: z.int().min(1) });

/** One service's entry under `rateLimits` of a scenario; `null` lifts the limits of the service. */
export const ServiceLimitsSchema = z.nullable(
  z.strictObject({
    all: LimitSchema.optional(),
    reads: LimitSchema.optional(),
    writes: LimitSchema.optional(),
    operations: z.record(z.string(), LimitSchema).optional(),
  }),
);

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** Token buckets in simulated time. They start full, after a restart too. */
export class RateLimiter {
  readonly #limits: RateLimits;
  readonly #buckets = new Map<string, Bucket>();

  constructor(overrides: RateLimits) {
    this.#limits = { ...DEFAULT_RATE_LIMITS, ...overrides };
  }

  /** Takes a token; false if there is none. */
  admit(
    {
      service,
      operation,
      accountId,
      region,
    }: Record<'service' | 'operation' | 'accountId' | 'region', string>,
    { isRead, now }: { isRead: boolean; now: number },
  ): boolean {
    const limits = this.#limits[service];
    if (limits === undefined || limits === null) return true;
    const own = limits.operations?.[operation];
    const kind = isRead ? 'reads' : 'writes';
    const limit = own ?? limits[kind] ?? limits.all;
    if (limit === undefined) return true;
    const bucketName = own !== undefined ? operation : limits[kind] !== undefined ? kind : 'all';
    return this.#take(`${service}/${accountId}/${region}/${bucketName}`, limit, now);
  }

  #take(key: string, { perSecond, burst }: Limit, now: number): boolean {
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) this.#buckets.set(key, (bucket = { tokens: burst, filledAt: now }));
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.filledAt) / 1_000) * perSecond);
    bucket.filledAt = now;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }
}
