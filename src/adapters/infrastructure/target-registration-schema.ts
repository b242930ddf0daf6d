import { z } from 'zod';
import { Duration } from '#core/plan.ts';

const Id = z.string().min(1).max(128);

const TargetGroup = z
  .strictObject({
    /** Name or ARN. */
    targetGroup: z.string().min(1).max(256),
    instances: z.array(Id).min(1).optional(),
    /** The servers that this execution has recovered. */
    recovered: z.literal(true).optional(),
    /** The recovered servers of these groups; before they are recovered, their source instances. */
    protectionGroups: z.array(Id).min(1).optional(),
    /** Default: the target group's. */
    port: z.int().min(1).max(65_535).optional(),
    /** Takes all other targets out, once the new ones are healthy. */
    deregisterOthers: z.boolean().default(false),
  })
  .refine(({ instances, recovered, protectionGroups }) => instances ?? recovered ?? protectionGroups, {
    message: 'expected instances, recovered or protectionGroups: something to register',
  });
export type TargetGroupEntry = z.infer<typeof TargetGroup>;

/** `technology.resources` of `infrastructure/target_registration`. */
export const RegistrationResources = z.strictObject({
  targetGroups: z
    .array(TargetGroup)
    .min(1)
    .max(50)
    .refine((groups) => new Set(groups.map(({ targetGroup }) => targetGroup)).size === groups.length, {
      message: 'expected each target group once',
    }),
});
export type RegistrationResources = z.infer<typeof RegistrationResources>;

/** `technology.parameters` of `infrastructure/target_registration`. */
export const RegistrationParameters = z.strictObject({
  /** How long targets may take to become healthy. */
  healthTimeout: Duration.default('PT10M'),
});
export type RegistrationParameters = z.infer<typeof RegistrationParameters>;
