import * as drs from '@aws-sdk/client-drs';
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
import { createRequestHandler } from '../request-handler.ts';
import type { ServiceModel } from './model.ts';
import type { WireRequest, WireResponse } from './wire.ts';

const CLIENTS: Record<string, [module: object, client: string]> = {
  drs: [drs, 'DrsClient'],
  ec2: [ec2, 'EC2Client'],
  elasticloadbalancing: [elbv2, 'ElasticLoadBalancingV2Client'],
  events: [events, 'EventBridgeClient'],
  lambda: [lambda, 'LambdaClient'],
  rds: [rds, 'RDSClient'],
  tagging: [tagging, 'ResourceGroupsTaggingAPIClient'],
  route53: [route53, 'Route53Client'],
  servicequotas: [servicequotas, 'ServiceQuotasClient'],
  sns: [sns, 'SNSClient'],
  ssm: [ssm, 'SSMClient'],
  sts: [sts, 'STSClient'],
};

/** The exports of the SDK client of a service. */
export function clientModule({ signingName }: ServiceModel): Record<string, unknown> {
  return CLIENTS[signingName]![0] as Record<string, unknown>;
}

export interface SdkClient {
  readonly config: { readonly protocol?: SdkProtocol | (() => Promise<unknown>) };
  send(command: object): Promise<Record<string, unknown>>;
}

export interface SdkProtocol {
  getShapeId(): string;
  readonly serviceTarget?: string;
  readonly options: { readonly xmlNamespace?: string };
}

/** The real SDK client of a service, answered by a function. */
export function clientOf(model: ServiceModel, answer: (request: WireRequest) => WireResponse): SdkClient {
  const constructor = clientModule(model)[CLIENTS[model.signingName]![1]] as new (
    configuration: object,
  ) => SdkClient;
  return new constructor({
    region: 'us-west-2',
    credentials: { accessKeyId: 'AKIASIMU111111111111', secretAccessKey: 'secret' },
    maxAttempts: 1,
    requestHandler: createRequestHandler({ handle: answer }),
  });
}

/** Sends one command through the real SDK client. */
export function sendTo(
  model: ServiceModel,
  operation: string,
  input: object,
  answer: (request: WireRequest) => WireResponse,
): Promise<Record<string, unknown>> {
  const command = clientModule(model)[`${operation}Command`] as new (input: object) => object;
  return clientOf(model, answer).send(new command(input));
}
