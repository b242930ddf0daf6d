import type { IdentitySettings } from '#control/identity-settings.ts';
import type { Principal, Role } from '#core/permissions.ts';
import { refused } from './refused.ts';

type IamMappings = NonNullable<IdentitySettings['iam']>['mappings'];

/** Who has this ARN, which AWS itself vouches for. Throws when it is mapped to no role: anyone with an AWS account has some ARN. */
export function principalOfArn(arn: string, mappings: IamMappings): Principal {
  const identity = identityOf(arn);
  const roles = rolesOf(mappings, identity);
  if (roles.length === 0) throw refused(`${identity} is mapped to no role`);
  return { id: identity, kind: 'iam', name: nameOf(arn), roles };
}

/** The ARN of the role or user itself: a session of a role has the role's, and no path, which STS does not tell. */
function identityOf(arn: string): string {
  const session = /^(arn:aws[a-z-]*):sts::(\d{12}):assumed-role\/([^/]+)\/.+$/.exec(arn);
  return session === null ? arn : `${session[1]}:iam::${session[2]}:role/${session[3]}`;
}

function nameOf(arn: string): string {
  return arn
    .split(':')
    .at(-1)!
    .replace(/^assumed-role\//, '');
}

function rolesOf(mappings: IamMappings, identity: string): Role[] {
  const granted = mappings.filter(({ arn }) => matches(arn, identity));
  return [...new Set(granted.flatMap(({ roles }) => roles))];
}

/** A `*` stands for the rest of the last part, never for further parts. A role's path is left out, as STS does; its name is unique. */
function matches(pattern: string, identity: string): boolean {
  const wanted = pattern.replace(/:role\/.*\//, ':role/');
  if (!wanted.endsWith('*')) return identity === wanted;
  const start = wanted.slice(0, -1);
  return identity.startsWith(start) && !identity.slice(start.length).includes('/');
}
