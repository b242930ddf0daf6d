import { ServiceQuotasClient, ListServiceQuotasCommand } from '@aws-sdk/client-service-quotas';
import { all, type CallsOf } from '../operation-spec.ts';
import type { ClientConfig, ServiceSpec } from '../service-spec.ts';

/** What Breakwater calls of Service Quotas. */
export const quotasService = {
  iamPrefix: 'servicequotas',
  newClient: (config: ClientConfig) => new ServiceQuotasClient(config),
  operations: {
    listServiceQuotas: all(ListServiceQuotasCommand, (output) => output.Quotas, ['NextToken', 'NextToken']),
  },
} satisfies ServiceSpec;

export type QuotaCalls = CallsOf<typeof quotasService.operations>;
