import type { AwsOptions } from '#aws/options.ts';
import type { AwsPlace } from '../platform.ts';
import type { Environment } from './ports.ts';

/**
 * The account and Region of a function, by its environment: `AWS_REGION`, which Lambda sets, and `TARGET_ROLE`, `EXTERNAL_ID` and
 * `PARTITION` for accounts that are not in the records: the role bears the same name in all of them.
 */
export function lambdaPlace(environment: Environment, services: AwsOptions['services']): AwsPlace {
  const { TARGET_ROLE: role, EXTERNAL_ID: externalId, PARTITION = 'aws' } = environment;
  let simulated = false;
  return {
    // Found out by what answers: another endpoint may be the simulated AWS.
    get simulated() {
      return simulated;
    },
    aws: {
      services,
      region: environment['AWS_REGION']!,
      accounts: async (accountId) =>
        role ? { roleArn: `arn:${PARTITION}:iam::${accountId}:role/${role}`, externalId } : null,
      onCall: (call) => (simulated ||= call.simulated),
    },
  };
}
