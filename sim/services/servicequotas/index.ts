import type {
  GetServiceQuotaCommandInput,
  ListServiceQuotasCommandInput,
} from '@aws-sdk/client-service-quotas';
import {
  ServiceError,
  type Call,
  type Handlers,
  type Quota,
  type ServiceDefinition,
} from '#sim/kernel/contract.ts';
import { cutPage } from '../paging.ts';

function getServiceQuota(call: Call, { ServiceCode = '', QuotaCode = '' }: GetServiceQuotaCommandInput) {
  const quota = quotasOf(call, ServiceCode).find(({ code }) => code === QuotaCode);
  if (quota === undefined) throw unknown(`The quota ${QuotaCode} does not exist for ${ServiceCode}.`);
  return { Quota: viewOf(call, quota) };
}

function listServiceQuotas(
  call: Call,
  { ServiceCode = '', MaxResults, NextToken }: ListServiceQuotasCommandInput,
) {
  const page = cutPage(quotasOf(call, ServiceCode), { token: NextToken, size: MaxResults ?? 100 });
  if (page === null)
    throw new ServiceError('InvalidPaginationTokenException', 'The pagination token is not valid.');
  return { Quotas: page.items.map((quota) => viewOf(call, quota)), NextToken: page.next };
}

/** The applied quotas of a service in the account and Region of the call. Throws if no service has this code. */
function quotasOf(call: Call, serviceCode: string): Quota[] {
  const quotas = call.world.services
    .flatMap((service) => {
      const region = service.global ? 'global' : call.region;
      return service.quotas?.(call.world.callFor({ ...call, region }, call.principal)) ?? [];
    })
    .filter((quota) => quota.serviceCode === serviceCode);
  if (quotas.length === 0) throw unknown(`The service ${serviceCode} has no quotas here.`);
  return quotas;
}

function viewOf(call: Call, { serviceCode, code, name, value, adjustable = true }: Quota) {
  return {
    ServiceCode: serviceCode,
    ServiceName: serviceCode,
    QuotaArn: `arn:aws:servicequotas:${call.region}:${call.accountId}:${serviceCode}/${code}`,
    QuotaCode: code,
    QuotaName: name,
    Value: value,
    Unit: 'None',
    Adjustable: adjustable,
    GlobalQuota: false,
  };
}

function unknown(message: string): ServiceError {
  return new ServiceError('NoSuchResourceException', message);
}

export const service: ServiceDefinition = {
  name: 'servicequotas',
  operations: {
    GetServiceQuota: getServiceQuota,
    ListServiceQuotas: listServiceQuotas,
  } satisfies Handlers<typeof import('@aws-sdk/client-service-quotas')>,
};
