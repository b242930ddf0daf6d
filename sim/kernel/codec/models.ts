import * as ec2 from '@aws-sdk/client-ec2';
import * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2';
import * as events from '@aws-sdk/client-eventbridge';
import * as lambda from '@aws-sdk/client-lambda';
import * as rds from '@aws-sdk/client-rds';
import * as tagging from '@aws-sdk/client-resource-groups-tagging-api';
import * as route53 from '@aws-sdk/client-route-53';
import * as servicequotas from '@aws-sdk/client-service-quotas';
import * as sns from '@aws-sdk/client-sns';
import * as ssm from '@aws-sdk/client-ssm';
import * as sts from '@aws-sdk/client-sts';
import { drsModelSource } from './drs-model.ts';
import { createModel, type ModelSource, type ServiceModel } from './model.ts';

const SOURCES: readonly ModelSource[] = [
  drsModelSource(),
  {
    name: 'ec2',
    signingName: 'ec2',
    protocol: 'ec2Query',
    xmlNamespace: 'http://ec2.amazonaws.com/doc/2016-11-15',
    schemas: ec2,
  },
  {
    name: 'rds',
    signingName: 'rds',
    protocol: 'awsQuery',
    xmlNamespace: 'http://rds.amazonaws.com/doc/2014-10-31/',
    schemas: rds,
  },
  {
    name: 'elbv2',
    signingName: 'elasticloadbalancing',
    protocol: 'awsQuery',
    xmlNamespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
    schemas: elbv2,
  },
  {
    name: 'sts',
    signingName: 'sts',
    protocol: 'awsQuery',
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    schemas: sts,
  },
  {
    name: 'route53',
    signingName: 'route53',
    protocol: 'restXml',
    xmlNamespace: 'https://route53.amazonaws.com/doc/2013-04-01/',
    schemas: route53,
  },
  {
    name: 'sns',
    signingName: 'sns',
    protocol: 'awsQuery',
    xmlNamespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
    schemas: sns,
  },
  { name: 'events', signingName: 'events', protocol: 'awsJson1_1', target: 'AWSEvents', schemas: events },
  { name: 'lambda', signingName: 'lambda', protocol: 'restJson1', schemas: lambda },
  { name: 'ssm', signingName: 'ssm', protocol: 'awsJson1_1', target: 'AmazonSSM', schemas: ssm },
  {
    name: 'tagging',
    signingName: 'tagging',
    protocol: 'awsJson1_1',
    target: 'ResourceGroupsTaggingAPI_20170126',
    schemas: tagging,
  },
  {
    name: 'servicequotas',
    signingName: 'servicequotas',
    protocol: 'awsJson1_1',
    target: 'ServiceQuotasV20190624',
    schemas: servicequotas,
  },
];

/** The wire models of all services that can be simulated, by signing name. */
export const MODELS: ReadonlyMap<string, ServiceModel> = new Map(
  SOURCES.map((source) => [source.signingName, createModel(source)]),
);
