import { scripts } from '#adapters/application/scripts.ts';
import { drsService } from '#aws/services/drs.ts';
import { ec2Service } from '#aws/services/ec2.ts';
import { lambdaService } from '#aws/services/lambda.ts';
import { ssmService } from '#aws/services/ssm.ts';
import type { Adapter } from './services.ts';
import { adapterFunction } from './technology.ts';

export const adapter: Adapter = {
  operations: [scripts],
  services: { drs: drsService, ec2: ec2Service, lambda: lambdaService, ssm: ssmService },
};
export const handler = adapterFunction(adapter);
