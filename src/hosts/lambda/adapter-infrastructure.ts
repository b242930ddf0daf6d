import { dnsUpdate } from '#adapters/infrastructure/dns-update.ts';
import { targetRegistration } from '#adapters/infrastructure/target-registration.ts';
import { drsService } from '#aws/services/drs.ts';
import { elbv2Service } from '#aws/services/elbv2.ts';
import { route53Service } from '#aws/services/route53.ts';
import type { Adapter } from './services.ts';
import { adapterFunction } from './technology.ts';

export const adapter: Adapter = {
  operations: [dnsUpdate, targetRegistration],
  services: { drs: drsService, elbv2: elbv2Service, route53: route53Service },
};
export const handler = adapterFunction(adapter);
