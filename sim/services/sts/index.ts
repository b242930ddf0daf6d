import type { Handlers, ServiceDefinition } from '#sim/kernel/contract.ts';
import { assumeRole } from './assume-role.ts';
import { getCallerIdentity } from './get-caller-identity.ts';

export const service: ServiceDefinition = {
  name: 'sts',
  operations: {
    AssumeRole: assumeRole,
    GetCallerIdentity: getCallerIdentity,
  } satisfies Handlers<typeof import('@aws-sdk/client-sts')>,
};
