import { STSClient, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { one, type CallsOf } from '../operation-spec.ts';
import type { ClientConfig, ServiceSpec } from '../service-spec.ts';

/** What Breakwater calls of AWS STS on behalf of others; roles are assumed by `#aws/assume-role.ts`. */
export const stsService = {
  iamPrefix: 'sts',
  newClient: (config: ClientConfig) => new STSClient(config),
  operations: {
    getCallerIdentity: one(GetCallerIdentityCommand),
  },
} satisfies ServiceSpec;

export type StsCalls = CallsOf<typeof stsService.operations>;
