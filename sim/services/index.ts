import type { ServiceDefinition } from '#sim/kernel/contract.ts';
import { service as drs } from './drs/index.ts';
import { service as ec2 } from './ec2/index.ts';
import { service as elbv2 } from './elbv2/index.ts';
import { service as events } from './events/index.ts';
import { service as lambda } from './lambda/index.ts';
import { service as rds } from './rds/index.ts';
import { service as route53 } from './route53/index.ts';
import { service as servicequotas } from './servicequotas/index.ts';
import { service as sns } from './sns/index.ts';
import { service as ssm } from './ssm/index.ts';
import { service as sts } from './sts/index.ts';
import { service as tagging } from './tagging/index.ts';

/** All simulated services. Sections of a scenario are seeded in this order. */
export const SERVICES: readonly ServiceDefinition[] = [
  ec2,
  drs,
  rds,
  elbv2,
  ssm,
  lambda,
  sns,
  events,
  route53,
  sts,
  tagging,
  servicequotas,
];
