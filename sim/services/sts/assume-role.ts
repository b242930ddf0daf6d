import type { AssumeRoleCommandInput } from '@aws-sdk/client-sts';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';
import { accessKeys, roles, type Role } from '#sim/kernel/identity.ts';
import { userIdOf } from './get-caller-identity.ts';

const CHAINED_SECONDS = 3_600;
const ROLE_ARN = /^arn:aws:iam::(\d{12}):role\/(?:.*\/)?([\w+=,.@-]+)$/;
const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;

/**
 * Makes an access key of a role. A role that does not exist, does not trust the caller's account, or wants another
 * external id is one and the same AccessDenied, so that nobody can find out which.
 */
export function assumeRole(call: Call, input: AssumeRoleCommandInput) {
  const { RoleArn = '', RoleSessionName = '', ExternalId } = input;
  const [, accountId = '', roleName = ''] = ROLE_ARN.exec(RoleArn) ?? [];
  if (accountId === '') throw invalid(`${RoleArn} is invalid`);
  if (!SESSION_NAME.test(RoleSessionName)) {
    throw invalid(`Value '${RoleSessionName}' at 'roleSessionName' failed to satisfy constraint`);
  }
  const role = roles(call.world, accountId).get(roleName);
  if (role === undefined || !isTrusted(role, call.accountId, ExternalId)) throw denied(call, RoleArn);
  const seconds = sessionSeconds(call, role, input.DurationSeconds);
  const principal = `arn:aws:sts::${accountId}:assumed-role/${role.name}/${RoleSessionName}`;
  return {
    Credentials: issueKey(call, { accountId, principal, role, seconds }),
    AssumedRoleUser: { Arn: principal, AssumedRoleId: userIdOf(principal) },
    PackedPolicySize: 0,
  };
}

function isTrusted(role: Role, accountId: string, externalId: string | undefined): boolean {
  return role.trusts.includes(accountId) && (role.externalId === null || role.externalId === externalId);
}

/** A role assumed by a session of another role (chaining) lasts an hour at most, whatever the role allows. */
function sessionSeconds(call: Call, role: Role, wanted = CHAINED_SECONDS): number {
  if (wanted < 900 || wanted > 43_200) {
    throw invalid(
      `Value '${wanted}' at 'durationSeconds' failed to satisfy constraint: between 900 and 43200`,
    );
  }
  if (call.principal.includes(':assumed-role/') && wanted > CHAINED_SECONDS) {
    throw invalid(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    );
  }
  if (wanted > role.maxSessionSeconds) {
    throw invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
  return wanted;
}

function issueKey(
  call: Call,
  {
    accountId,
    principal,
    role,
    seconds,
  }: { accountId: string; principal: string; role: Role; seconds: number },
) {
  const { world } = call;
  const random = world.random(`sts.session/${world.count('sts.session')}`);
  const key = {
    accessKeyId: `ASIA${random.hex(16).toUpperCase()}`,
    secretAccessKey: random.hex(40),
    sessionToken: random.hex(200),
    expiresAt: call.now + seconds * 1_000,
    accountId,
    principal,
    denies: role.denies,
  };
  accessKeys(world).put(key.accessKeyId, key);
  return {
    AccessKeyId: key.accessKeyId,
    SecretAccessKey: key.secretAccessKey,
    SessionToken: key.sessionToken,
    Expiration: new Date(key.expiresAt),
  };
}

function invalid(problem: string): ServiceError {
  return new ServiceError('ValidationError', `1 validation error detected: ${problem}`);
}

function denied(call: Call, roleArn: string): ServiceError {
  const message = `User: ${call.principal} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`;
  return new ServiceError('AccessDenied', message, { httpStatus: 403 });
}
