import type { Denials } from '#control/denials.ts';
import type { IdentitySettings } from '#control/identity-settings.ts';
import type { Authenticator } from './authenticator.ts';
import { guarded } from './guarded.ts';
import { principalOfArn } from './iam-principal.ts';
import { refused } from './refused.ts';

export interface ArnAuthenticatorParams {
  /** As they are now. */
  readonly settings: () => Promise<Pick<IdentitySettings, 'iam'>>;
  readonly denials: Pick<Denials, 'noteFailure'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Whoever a gateway of AWS has verified, with the roles that the settings map their role or user to. Headers do not count. */
export function arnAuthenticator({ settings, denials, now }: ArnAuthenticatorParams): Authenticator {
  return guarded({
    denials,
    now,
    presentedIn: ({ arn }) => arn ?? null,
    identify: async ({ arn }) => {
      const { iam } = await settings();
      if (iam === undefined) throw refused(`identity by IAM is not configured: ${arn} has no role`);
      return principalOfArn(arn!, iam.mappings);
    },
  });
}
