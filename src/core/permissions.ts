/** Who may do what: five roles over one table of permissions. A principal may have several roles; permissions add up. */

export const ROLES = ['Admin', 'RecoveryManager', 'PlanManager', 'Operator', 'ReadOnly'] as const;
export type Role = (typeof ROLES)[number];

export const PERMISSIONS = [
  'execution:read',
  'execution:start-drill',
  'execution:start-recovery',
  'execution:control',
  'execution:terminate',
  'gate:decide',
  'gate:approve',
  'plan:read',
  'plan:write',
  'group:read',
  'group:write',
  'drs:read',
  'drs:write',
  'discovery:read',
  'configuration:read',
  'configuration:write',
  'account:read',
  'account:write',
  'schedule:read',
  'schedule:write',
  'trigger:read',
  'trigger:write',
  'trigger:fire',
  'audit:read',
  'token:read',
  'token:write',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

const READ = [
  'execution:read',
  'plan:read',
  'group:read',
  'drs:read',
  'discovery:read',
  'configuration:read',
  'account:read',
  'schedule:read',
  'trigger:read',
] as const satisfies readonly Permission[];

const OPERATE = [
  ...READ,
  'execution:start-drill',
  'execution:control',
  'gate:decide',
  'trigger:fire',
] as const;

/** What each role may do. `Admin` alone changes accounts, identity and settings, and issues tokens. */
export const ROLE_PERMISSIONS: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  Admin: new Set(PERMISSIONS),
  RecoveryManager: new Set([
    ...OPERATE,
    'execution:start-recovery',
    'execution:terminate',
    'gate:approve',
    'drs:write',
    'audit:read',
  ]),
  PlanManager: new Set([...READ, 'plan:write', 'group:write', 'schedule:write', 'drs:write']),
  Operator: new Set(OPERATE),
  ReadOnly: new Set(READ),
};

/** Who asks. `id` is unique and stable over time, and is what records say (`by`): `token:ci`, `oidc:<issuer>#<sub>`, an ARN. */
export interface Principal {
  readonly id: string;
  readonly kind: 'local' | 'token' | 'oidc' | 'iam';
  /** For people to read. */
  readonly name: string;
  readonly roles: readonly Role[];
}

/** True if any of the principal's roles has the permission. */
export function isAllowed(principal: Principal, permission: Permission): boolean {
  return principal.roles.some((role) => ROLE_PERMISSIONS[role].has(permission));
}
