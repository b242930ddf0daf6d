import { z } from 'zod';
import type { OperationInput } from '../contract.ts';

/** `technology.parameters` of `drs/recovery` that drives a plan of an existing DRS solution, or of another Breakwater. */
export const RemoteParameters = z.strictObject({
  integration: z.literal('api'),
  /** A solution of the settings. */
  solution: z.string().min(1).max(80),
  /** Believe a wave there that is complete without a server. */
  allowEmptyWaves: z.boolean().default(false),
});
export type RemoteParameters = z.infer<typeof RemoteParameters>;

/** `technology.resources` then: servers, groups and launch settings are what the plan there says. */
export const RemoteResources = z.strictObject({ recoveryPlanId: z.string().min(1).max(128) });
export type RemoteResources = z.infer<typeof RemoteResources>;

export type RemoteInput = OperationInput<RemoteResources, RemoteParameters>;
