import { recovery } from '#adapters/drs/recovery.ts';
import { terminate } from '#adapters/drs/terminate.ts';
import { drsService } from '#aws/services/drs.ts';
import { ec2Service } from '#aws/services/ec2.ts';
import { quotasService } from '#aws/services/quotas.ts';
import type { Adapter } from './services.ts';
import { adapterFunction } from './technology.ts';

export const adapter: Adapter = {
  operations: [recovery, terminate],
  services: { drs: drsService, ec2: ec2Service, quotas: quotasService },
};
export const handler = adapterFunction(adapter);
