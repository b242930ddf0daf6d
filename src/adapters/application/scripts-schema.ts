import { z } from 'zod';
import { Duration } from '#core/plan.ts';

/** `technology.resources` of `application/scripts`. */
export const ScriptsResources = z.strictObject({
  /** Names in the plan's script library; else of SSM documents (see README.md of the adapters). Run in this order. */
  scripts: z
    .array(z.string().min(1).max(128))
    .min(1)
    .max(50)
    .refine((names) => new Set(names).size === names.length, { message: 'expected each script once' }),
});
export type ScriptsResources = z.infer<typeof ScriptsResources>;

/** `technology.parameters` of `application/scripts`. */
export const ScriptsParameters = z.strictObject({
  /** Run all scripts side by side. Default: one after the other, and none after one that failed. */
  parallel: z.boolean().default(false),
  /** Lambda functions may run again when nobody knows whether they have: they recognise `breakwater.idempotencyId`. */
  rerunnable: z.boolean().default(false),
  /** How long an instance may take to come online in Systems Manager. */
  registrationTimeout: Duration.default('PT15M'),
});
export type ScriptsParameters = z.infer<typeof ScriptsParameters>;
