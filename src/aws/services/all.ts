import { drsService } from './drs.ts';
import { ec2Service } from './ec2.ts';
import { elbv2Service } from './elbv2.ts';
import { eventsService } from './events.ts';
import { lambdaService } from './lambda.ts';
import { quotasService } from './quotas.ts';
import { rdsService } from './rds.ts';
import { route53Service } from './route53.ts';
import { snsService } from './sns.ts';
import { ssmService } from './ssm.ts';
import { stepFunctionsService } from './step-functions.ts';
import { stsService } from './sts.ts';
import { taggingService } from './tagging.ts';

/** Every service that the door can open, by its name in `AwsTarget`. Who imports this has the clients of all of them. */
export const ALL_SERVICES = {
  drs: drsService,
  rds: rdsService,
  ec2: ec2Service,
  ssm: ssmService,
  lambda: lambdaService,
  route53: route53Service,
  elbv2: elbv2Service,
  tagging: taggingService,
  sts: stsService,
  sns: snsService,
  events: eventsService,
  quotas: quotasService,
  stepFunctions: stepFunctionsService,
};

/** What a door is opened with: only the clients of these get into a bundle. */
export type AwsServices = Partial<typeof ALL_SERVICES>;
