import { OPERATIONS } from '#adapters/registry.ts';
import { drsService } from '#aws/services/drs.ts';
import { ec2Service } from '#aws/services/ec2.ts';
import { elbv2Service } from '#aws/services/elbv2.ts';
import { lambdaService } from '#aws/services/lambda.ts';
import { quotasService } from '#aws/services/quotas.ts';
import { rdsService } from '#aws/services/rds.ts';
import { route53Service } from '#aws/services/route53.ts';
import { ssmService } from '#aws/services/ssm.ts';
import { HANDLERS } from '#workflow/handlers.ts';
import { functionOf, once } from './function.ts';
import { lambdaServices, thenSettled, type Adapter } from './services.ts';

/** The steps of executions and waves. It assesses technologies of all kinds, and performs none. */
const own = Object.entries(HANDLERS)
  .filter(([name]) => !name.startsWith('technology-'))
  .map(([name, handler]) => [name, thenSettled(handler)] as const);

export const adapter: Adapter = {
  operations: OPERATIONS,
  services: {
    drs: drsService,
    ec2: ec2Service,
    elbv2: elbv2Service,
    lambda: lambdaService,
    quotas: quotasService,
    rds: rdsService,
    route53: route53Service,
    ssm: ssmService,
  },
};

export const handler = functionOf(
  Object.fromEntries(own),
  once(() => lambdaServices(adapter, process.env)),
);
