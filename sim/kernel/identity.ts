import type { Scope } from './contract.ts';
import type { Table, World } from './world.ts';

/** An access key: of the user that a scenario gives to an account, or of a session that AssumeRole made. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | null;
  /** Milliseconds since 1970 in simulated time; `null` for the keys of users. */
  readonly expiresAt: number | null;
  readonly accountId: string;
  /** ARN of who acts with it. */
  readonly principal: string;
  /** `service:Operation` or `service:*` that are denied to it. */
  readonly denies: readonly string[];
}

export interface Role {
  readonly name: string;
  readonly arn: string;
  readonly externalId: string | null;
  /** Accounts whose principals may assume it. */
  readonly trusts: readonly string[];
  readonly denies: readonly string[];
  readonly maxSessionSeconds: number;
}

const EVERYWHERE: Scope = { accountId: '-', region: '-' };

/** All access keys there are. */
export function accessKeys(world: World): Table<AccessKey> {
  return world.table(EVERYWHERE, 'identity.keys');
}

/** The roles of an account, by name. */
export function roles(world: World, accountId: string): Table<Role> {
  return world.table({ accountId, region: 'global' }, 'identity.roles');
}

export function isDenied(key: Pick<AccessKey, 'denies'>, service: string, operation: string): boolean {
  return key.denies.some((denied) => denied === `${service}:${operation}` || denied === `${service}:*`);
}
