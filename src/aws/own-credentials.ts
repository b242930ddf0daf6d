import { STSClient } from '@aws-sdk/client-sts';
import { BreakwaterError } from '#core/errors.ts';
import type { AwsOptions } from './options.ts';
import type { AwsCredentials } from './service-spec.ts';

/**
 * The caller's own credentials, for what is signed without the SDK: those of the options, else by the SDK's chain (environment, profile,
 * role), which keeps them fresh. Throws `AwsCredentialsMissing`.
 */
export function ownCredentials({
  credentials,
  region,
}: Pick<AwsOptions, 'credentials' | 'region'>): () => Promise<AwsCredentials> {
  if (credentials !== undefined) return async () => credentials;
  let client: STSClient | null = null;
  return async () => {
    client ??= new STSClient({ region });
    try {
      return await client.config.credentials();
    } catch (cause) {
      throw new BreakwaterError('AwsCredentialsMissing', 'this process has no credentials of AWS', { cause });
    }
  };
}
