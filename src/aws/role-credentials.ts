import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import type { Clock } from '#core/clock.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { AwsCredentials } from './service-spec.ts';

/** How to get into a target account. */
export interface TargetAccount {
  readonly roleArn: string;
  readonly externalId?: string | undefined;
}

/** AWS caps a role that was reached from another role at one hour, whatever the role itself allows. */
const LIFETIME_SECONDS = 3_600;
const REFRESH_BEFORE_MS = 5 * 60_000;

/** Credentials of one role in one Region, and which they are: a change of `generation` means new clients. */
export interface RoleCredentials {
  readonly generation: number;
  readonly credentials: AwsCredentials;
}

/** The command that gets the credentials; the door sends it like any other call. */
export function assumeRoleCommand(account: TargetAccount, sessionName: string): AssumeRoleCommand {
  return new AssumeRoleCommand({
    RoleArn: account.roleArn,
    RoleSessionName: sessionNameOf(sessionName),
    DurationSeconds: LIFETIME_SECONDS,
    ...(account.externalId === undefined ? {} : { ExternalId: account.externalId }),
  });
}

/**
 * Keeps the credentials of one role fresh by the clock port: the SDK would use real time. At most one refresh is under
 * way; a failed one is tried again by the next call.
 */
export function roleCredentialsSource(
  clock: Clock,
  assume: () => Promise<unknown>,
): () => Promise<RoleCredentials> {
  let current: Promise<RoleCredentials> | null = null;
  let refreshAt = 0;
  let generation = 0;
  return () => {
    if (current !== null && clock.now() < refreshAt) return current;
    refreshAt = clock.now() + LIFETIME_SECONDS * 1_000 - REFRESH_BEFORE_MS;
    const fresh = assume().then((output) => ({
      generation: ++generation,
      credentials: credentialsOf(output),
    }));
    fresh.catch(() => {
      if (current === fresh) current = null;
    });
    current = fresh;
    return fresh;
  };
}

function credentialsOf(output: unknown): AwsCredentials {
  const { Credentials: found } = output as {
    Credentials?: { AccessKeyId?: string; SecretAccessKey?: string; SessionToken?: string };
  };
  if (!found?.AccessKeyId || !found.SecretAccessKey || !found.SessionToken) {
    throw new BreakwaterError('AwsFailed', 'sts:AssumeRole answered without credentials');
  }
  return {
    accessKeyId: found.AccessKeyId,
    secretAccessKey: found.SecretAccessKey,
    sessionToken: found.SessionToken,
  };
}

/** Session names take 2 to 64 letters, digits and `+=,.@_-`. */
function sessionNameOf(name: string): string {
  return name
    .replaceAll(/[^\w+=,.@-]/g, '-')
    .slice(0, 64)
    .padEnd(2, '-');
}
