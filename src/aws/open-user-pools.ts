import { createCaller } from './caller.ts';
import type { AwsOptions } from './options.ts';
import { cognitoService, type UserPoolCalls } from './services/cognito.ts';

/** The user pools of a Region, for somebody who signs in. It is no part of `AwsTarget`: no adapter has business there. */
export function openUserPools(
  options: Omit<AwsOptions, 'accounts' | 'sessionName' | 'services'>,
): UserPoolCalls {
  const caller = createCaller({ ...options, accounts: async () => null, sessionName: 'breakwater-sign-in' });
  const { region } = options;
  return caller.open({
    name: 'cognito',
    service: cognitoService,
    accountId: undefined,
    region,
    credentials: null,
  });
}
