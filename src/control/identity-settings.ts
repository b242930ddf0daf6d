import { ROLES } from '#core/permissions.ts';
import { z } from 'zod';

const Role = z.enum(ROLES);
/** Which of Breakwater's roles the members of a group have. */
const RoleMapping = z.record(z.string().min(1), z.array(Role).min(1));

const Oidc = z.strictObject({
  /** As in the tokens' `iss`; the discovery document is under `/.well-known/openid-configuration`. */
  issuer: z
    .url({ protocol: /^https?$/ })
    .refine(isSafe, 'expected https; http is for this machine alone, because keys come from there'),
  audience: z.string().min(1),
  /** Where in the token the groups are: `groups`, `realm_access.roles`. */
  groupsClaim: z.string().min(1).default('groups'),
  /** Omitted: groups that bear a role's name have that role. */
  roles: RoleMapping.optional(),
});

const Cognito = z.strictObject({
  userPoolId: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d_[0-9A-Za-z]+$/, 'expected a user pool id such as eu-west-1_Ab12'),
  clientIds: z.array(z.string().min(1)).min(1),
  roles: RoleMapping.optional(),
});

const Iam = z.strictObject({
  /** The role or user of each mapping; a `*` may end the last part: `arn:aws:iam::111122223333:role/dr-*`. */
  mappings: z
    .array(
      z.strictObject({
        arn: z
          .string()
          .regex(
            /^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/([\w+=,.@/-]+|[\w+=,.@/-]*\*)$/,
            'expected the ARN of an IAM role or user',
          )
          // STS does not tell a role's path, so that a pattern under a path would match roles of others.
          .refine(
            (arn) => !/:role\/.*\/.*\*$/.test(arn),
            'a role with a path is named in full, without a `*`',
          ),
        roles: z.array(Role).min(1),
      }),
    )
    .min(1),
  /** STS endpoints that a proof may be for, besides `sts.amazonaws.com` and `sts.<region>.amazonaws.com`. */
  hosts: z.array(z.string().min(1)).default([]),
});

/** How callers prove who they are, besides local tokens. */
export const IdentitySettings = z.strictObject({
  oidc: Oidc.optional(),
  cognito: Cognito.optional(),
  iam: Iam.optional(),
});
export type IdentitySettings = z.infer<typeof IdentitySettings>;

function isSafe(url: string): boolean {
  return url.startsWith('https:') || /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(\/|$)/.test(url);
}
