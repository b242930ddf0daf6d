import { z } from 'zod';
import { duration } from './duration.ts';
import type { World } from './world.ts';

const where = {
  /** Milliseconds after the start of the scenario. */
  after: duration.default(0),
  for: duration.optional(),
  times: z.int().min(1).optional(),
  probability: z.number().min(0).max(1).optional(),
};

const call = {
  service: z.string().optional(),
  operation: z.string().optional(),
  accountId: z
    .string()
    .regex(/^\d{12}$/)
    .optional(),
  region: z.string().optional(),
  ...where,
};

/**
 * A fault that a scenario declares. All that is given has to match: `service`, `operation`, `accountId`, `region`, the time
 * (`after` and `for` since the start), how many `times`, and the `probability` of each request.
 */
export const FaultRule = z.discriminatedUnion('fault', [
  /** The service's own throttling error. */
  z.strictObject({ fault: z.literal('throttle'), ...call }),
  /** The service's own error for an exceeded quota. */
  z.strictObject({ fault: z.literal('quota'), ...call }),
  /** Any error, by the name of its shape; status 400 if neither the model nor the rule knows. */
  z.strictObject({
    fault: z.literal('error'),
    code: z.string(),
    message: z.string().default('The scenario makes this request fail.'),
    httpStatus: z.int().min(400).max(599).optional(),
    ...call,
  }),
  /** The request takes effect, then the connection breaks. */
  z.strictObject({ fault: z.literal('responseLost'), ...call }),
  /** Nothing answers in the Region. */
  z.strictObject({ fault: z.literal('regionDown'), ...call, region: z.string() }),
  /** Reads answer as the world was some time ago. */
  z.strictObject({ fault: z.literal('staleReads'), by: duration.default(10_000), ...call }),
]);
export type FaultRule = z.infer<typeof FaultRule>;

export interface FaultTarget {
  readonly service: string;
  readonly operation: string;
  readonly accountId: string;
  readonly region: string;
  readonly isRead: boolean;
}

/** A service in an account and Region. */
export type Outage = Pick<FaultTarget, 'service' | 'accountId' | 'region'>;

/** Decides which fault a request meets. How often each rule has struck is kept with the world. */
export class Faults {
  readonly #world: World;
  readonly #rules: readonly FaultRule[];
  readonly #startsAt: number;

  constructor(world: World, { rules, startsAt }: { rules: readonly FaultRule[]; startsAt: number }) {
    this.#world = world;
    this.#rules = rules;
    this.#startsAt = startsAt;
  }

  /** How long ago the world has to be remembered for stale reads. */
  get longestStaleMs(): number {
    return Math.max(0, ...this.#rules.map((rule) => (rule.fault === 'staleReads' ? rule.by : 0)));
  }

  /** The first rule that strikes this request, or `null`. */
  strike(target: FaultTarget): FaultRule | null {
    for (const [index, rule] of this.#rules.entries()) {
      if (this.#concerns(rule, target) && this.#takeTurn(rule, index)) return rule;
    }
    return null;
  }

  /**
   * Whether a service is down in a Region for its whole time, as services of other Regions find it. Rules that strike some
   * requests alone (`operation`, `times`, `probability`) say nothing of that.
   */
  isDown({ service, accountId, region }: Outage): boolean {
    const target = { service, accountId, region, operation: '', isRead: true };
    return this.#rules.some(
      (rule) =>
        rule.fault === 'regionDown' &&
        rule.times === undefined &&
        rule.probability === undefined &&
        this.#concerns(rule, target),
    );
  }

  #concerns(rule: FaultRule, target: FaultTarget): boolean {
    if (rule.fault === 'staleReads' && !target.isRead) return false;
    const since = this.#world.now - this.#startsAt - rule.after;
    return (
      since >= 0 &&
      (rule.for === undefined || since < rule.for) &&
      (rule.service ?? target.service) === target.service &&
      (rule.operation ?? target.operation) === target.operation &&
      (rule.accountId ?? target.accountId) === target.accountId &&
      (rule.region ?? target.region) === target.region
    );
  }

  #takeTurn(rule: FaultRule, index: number): boolean {
    if (rule.probability !== undefined) {
      const draw = this.#world.count(`fault/${index}/drawn`);
      if (!this.#world.random(`fault/${index}/${draw}`).chance(rule.probability)) return false;
    }
    if (rule.times === undefined) return true;
    const struck = `fault/${index}/struck`;
    const { value = 0 } = (this.#world.rows('counters').get(struck) ?? {}) as { value?: number };
    if (value >= rule.times) return false;
    this.#world.count(struck);
    return true;
  }
}
