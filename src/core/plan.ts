import { z } from 'zod';
import { durationProblem, durationRemedy, readDuration } from './duration.ts';
import { CRITICALITIES } from './outcome.ts';
import { REMEDIES } from './schema-remedies.ts';
import { ROLE_PERMISSIONS, ROLES, type Role } from './permissions.ts';

/** An ISO 8601 duration such as `PT5M`; stays text, because people read and diff plans. */
export const Duration = z
  .string()
  .refine((text) => readDuration(text) !== null, { error: ({ input }) => durationProblem(String(input)) })
  .register(REMEDIES, { remedy: durationRemedy });

export const Tags = z.record(z.string().min(1).max(128), z.string().max(256));
/** YAML reads digits without quotes as a number, and loses leading zeros. */
function accountIdRemedy(value: unknown): string {
  const digits = String(value);
  return typeof value === 'number' && /^\d{12}$/.test(digits)
    ? `Put it in quotes: "${digits}".`
    : 'Write the 12 digits of the account id in quotes.';
}

export const AccountId = z
  .string()
  .regex(/^\d{12}$/, 'expected 12 digits, quoted')
  .register(REMEDIES, { remedy: accountIdRemedy });
/** Its name is part of host names, which are short. `eusc-de-east-1` and `us-gov-west-1` are the longest kinds. */
export const Region = z
  .string()
  .max(25, 'expected an AWS Region such as eu-west-1')
  .regex(/^[a-z]{2,4}(-[a-z]+){1,3}-\d$/, 'expected an AWS Region such as eu-west-1');
const Name = z.string().min(1).max(128);

const Retry = z.strictObject({
  /** How often a failed technology is started again by itself before it counts as failed. */
  maxAttempts: z.int().min(0).max(10).default(0),
  interval: Duration.default('PT30S'),
  backoffRate: z.number().min(1).max(10).default(2),
});

/** One entry of `wave.technologies`. `resources` and `parameters` are the operation's own: the adapter parses them. */
export const Technology = z.strictObject({
  type: Name,
  operation: Name,
  name: Name.optional(),
  resources: z.record(z.string(), z.json()).default({}),
  parameters: z.record(z.string(), z.json()).default({}),
  accountId: AccountId.optional(),
  region: Region.optional(),
  criticality: z.enum(CRITICALITIES).default('critical'),
  /** Ids of resources that may fail without failing the technology. */
  optionalResources: z.array(z.string()).default([]),
  onFailure: z.enum(['pause', 'stop', 'continue']).default('pause'),
  /** What a drill does: really perform it, only look, or leave it out. The default is the operation's `drillDefault`. */
  drill: z.enum(['perform', 'assess', 'skip']).optional(),
  timeout: Duration.default('PT4H'),
  retry: Retry.prefault({}),
});
export type Technology = z.infer<typeof Technology>;

/** Roles that hold `gate:approve`: nobody else could ever give the approval. */
const APPROVER_ROLES = ROLES.filter((role) => ROLE_PERMISSIONS[role].has('gate:approve')) as [
  Role,
  ...Role[],
];
const SHORTEST_APPROVAL_MS = 60_000;

/** Who must agree before the execution, or a wave of it, begins. The starter does not count, and nobody counts twice. */
export const Approval = z.strictObject({
  required: z.int().min(1).max(10),
  roles: z.array(z.enum(APPROVER_ROLES)).min(1).default(['RecoveryManager', 'Admin']),
  /** From the moment it is asked for; then the execution fails. */
  expiresIn: Duration.refine((text) => (readDuration(text) ?? SHORTEST_APPROVAL_MS) >= SHORTEST_APPROVAL_MS, {
    error: 'expected at least PT1M',
  }).default('PT24H'),
  changeTicket: z.enum(['required', 'optional']).default('optional'),
  /** In which executions it is asked for. */
  modes: z
    .array(z.enum(['drill', 'recovery']))
    .min(1)
    .default(['recovery']),
});
export type Approval = z.infer<typeof Approval>;

/** What becomes of a whole wave is written at once, a row and an event for each technology, and DynamoDB writes 100 rows at once. */
const MOST_TECHNOLOGIES = 40;

export const Wave = z.strictObject({
  waveNumber: z.int().min(1).max(10_000),
  name: Name,
  technologies: z.array(Technology).min(1, 'a wave needs at least one technology').max(MOST_TECHNOLOGIES),
  pauseAfterWave: z.boolean().default(false),
  /** Wave numbers. Omitted: the previous wave. Given: exactly those; `[]` starts at once. */
  dependencies: z.array(z.int().min(1)).optional(),
  /** Asked for when its dependencies are complete, before it begins. */
  approval: Approval.optional(),
});
export type Wave = z.infer<typeof Wave>;

/** A named set of DRS source servers: by id, by tags (all must match), or both together. */
export const ProtectionGroup = z
  .strictObject({
    groupId: Name,
    name: Name.optional(),
    sourceServerIds: z
      .array(z.string().regex(/^s-[0-9a-f]{17}$/, 'expected s- and 17 hex digits'))
      .optional(),
    tags: Tags.optional(),
    accountId: AccountId.optional(),
    region: Region.optional(),
  })
  .refine((group) => (group.sourceServerIds?.length ?? 0) > 0 || Object.keys(group.tags ?? {}).length > 0, {
    message: 'a protection group needs sourceServerIds or tags',
    params: { remedy: 'Add sourceServerIds, tags, or both.' },
  });
export type ProtectionGroup = z.infer<typeof ProtectionGroup>;

/** Where a script runs. Several kinds add up; instances are counted once. */
export const ScriptTargets = z
  .strictObject({
    instanceIds: z.array(z.string()).optional(),
    tags: Tags.optional(),
    protectionGroups: z.array(Name).optional(),
    /** The servers that earlier waves of this execution have recovered. */
    recovered: z.boolean().optional(),
  })
  .refine((targets) => Object.values(targets).some((value) => value !== undefined && value !== false), {
    message: 'a script needs targets: instanceIds, tags, protectionGroups or recovered',
    params: { remedy: 'Add one of them; recovered: true runs it on the servers of earlier waves.' },
  });

const scriptCommon = {
  description: z.string().optional(),
  timeout: Duration.default('PT1H'),
  accountId: AccountId.optional(),
  region: Region.optional(),
};

/** One entry of the plan's script library: inline commands, an SSM document, or a Lambda function. */
export const Script = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('commands'),
    commands: z.array(z.string()).min(1),
    platform: z.enum(['linux', 'windows']).default('linux'),
    targets: ScriptTargets,
    ...scriptCommon,
  }),
  z.strictObject({
    type: z.literal('document'),
    document: Name,
    parameters: z.record(z.string(), z.array(z.string())).default({}),
    targets: ScriptTargets,
    ...scriptCommon,
  }),
  z.strictObject({
    type: z.literal('lambda'),
    functionName: Name,
    payload: z.json().default({}),
    ...scriptCommon,
  }),
]);
export type Script = z.infer<typeof Script>;

/** A recovery plan as people write it. A file with `waves` alone is a plan. */
export const Plan = z.strictObject({
  planId: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/,
      'expected letters, digits, dot, dash and underscore, at most 80',
    )
    .optional(),
  name: Name.optional(),
  description: z.string().max(4_096).optional(),
  tags: Tags.default({}),
  /** Asked for before the first wave. */
  approval: Approval.optional(),
  objectives: z.strictObject({ rto: Duration.optional(), rpo: Duration.optional() }).default({}),
  accountId: AccountId.optional(),
  region: Region.optional(),
  protectionGroups: z.array(ProtectionGroup).default([]),
  scripts: z.record(Name, Script).default({}),
  waves: z.array(Wave).min(1, 'a plan needs at least one wave').max(1_000),
});
export type Plan = z.infer<typeof Plan>;
/** A plan as written: defaults may be missing. */
export type PlanInput = z.input<typeof Plan>;
