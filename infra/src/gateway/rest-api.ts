import { createHash } from 'node:crypto';
import { Aws, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  CfnAccount,
  CfnApiKey,
  CfnDeployment,
  CfnRestApi,
  CfnStage,
  CfnUsagePlan,
  CfnUsagePlanKey,
} from 'aws-cdk-lib/aws-apigateway';
import { type IRole, ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type Alias, CfnPermission } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { ApiDocument } from '../../../clients/generator/openapi.ts';
import { vendedRole } from '../functions.ts';
import { addLogGroup } from '../log-group.ts';
import { arnOf, named, namedInAll } from '../names.ts';
import { acknowledge } from '../policy.ts';
import type { Settings } from '../settings.ts';
import { gatewayDocument, type GatewayParams } from './document.ts';

const STAGE = 'v1';

/** What the access log says of a request. No path and no query: there may be more in them than a log should keep. */
const ACCESS_LOG = {
  requestId: '$context.requestId',
  at: '$context.requestTime',
  ip: '$context.identity.sourceIp',
  user: '$context.authorizer.claims.sub',
  arn: '$context.identity.userArn',
  apiKeyId: '$context.identity.apiKeyId',
  method: '$context.httpMethod',
  resource: '$context.resourcePath',
  status: '$context.status',
  error: '$context.error.responseType',
  firewall: '$context.waf.status',
  latencyMs: '$context.responseLatency',
  bytes: '$context.responseLength',
};

export interface RestApiParams {
  readonly settings: Settings;
  readonly api: ApiDocument;
  readonly identity: GatewayParams['identity'];
  /** What it invokes. */
  readonly alias: Alias;
}

export interface RestApi {
  readonly url: string;
  readonly stageArn: string;
}

/** An API Gateway (REST) that is made of our own description, and asks one alias of the function. */
export function addRestApi(scope: Construct, { settings, api, identity, alias }: RestApiParams): RestApi {
  const { document } = gatewayDocument({
    api,
    identity,
    asksForKey: settings.apiKeys.length > 0,
    integrationUri: `arn:${Aws.PARTITION}:apigateway:${Aws.REGION}:lambda:path/2015-03-31/functions/${alias.functionArn}/invocations`,
  });
  const rest = new CfnRestApi(scope, 'Api', {
    name: named('api'),
    body: document,
    endpointConfiguration: { types: ['REGIONAL'] },
  });
  acknowledge(rest, {
    'AwsSolutions-APIG2':
      'the description itself has the validator, of bodies and parameters, for every method',
  });
  new CfnPermission(scope, 'ApiInvokes', {
    action: 'lambda:InvokeFunction',
    functionName: alias.functionArn,
    principal: 'apigateway.amazonaws.com',
    sourceArn: arnOf('execute-api', `${rest.ref}/${STAGE}/*`),
  });
  const stage = addStage(scope, rest, settings);
  const stages = [{ apiId: rest.ref, stage: stage.ref }];
  for (const name of settings.apiKeys) addKey(scope, name, stages, settings.throttle);
  return {
    url: `https://${rest.ref}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}/${STAGE}`,
    stageArn: `arn:${Aws.PARTITION}:apigateway:${Aws.REGION}::/restapis/${rest.ref}/stages/${STAGE}`,
  };
}

function addStage(scope: Construct, rest: CfnRestApi, settings: Settings): CfnStage {
  const { ratePerSecond, burst } = settings.throttle;
  // A deployment is a copy of the description: another description needs another one, of another name.
  const hash = createHash('sha256').update(JSON.stringify(Stack.of(scope).resolve(rest.body)));
  const deployment = new CfnDeployment(scope, `Deployment${hash.digest('hex').slice(0, 8).toUpperCase()}`, {
    restApiId: rest.ref,
  });
  deployment.applyRemovalPolicy(RemovalPolicy.RETAIN);
  const logs = addLogGroup(scope, 'AccessLog', `/breakwater/${named('api')}/access`, settings);
  const stage = new CfnStage(scope, 'Stage', {
    restApiId: rest.ref,
    deploymentId: deployment.ref,
    stageName: STAGE,
    tracingEnabled: true,
    accessLogSetting: { destinationArn: logs.logGroupArn, format: JSON.stringify(ACCESS_LOG) },
    methodSettings: [
      {
        resourcePath: '/*',
        httpMethod: '*',
        throttlingRateLimit: ratePerSecond,
        throttlingBurstLimit: burst,
        loggingLevel: 'ERROR',
        dataTraceEnabled: false,
        metricsEnabled: true,
      },
    ],
  });
  if (!settings.waf) acknowledge(stage, { 'AwsSolutions-APIG3': 'the settings say that there is none' });
  stage.addResourceDependency(addLogging(scope, settings));
  return stage;
}

/** API Gateway writes logs with a role of the whole account and Region. It stays when the stack goes: others may use it. */
function addLogging(scope: Construct, settings: Settings): CfnAccount {
  const role: IRole = vendedRole(scope, 'api-gateway', settings) ?? logsRole(scope, settings);
  const account = new CfnAccount(scope, 'Logging', { cloudWatchRoleArn: role.roleArn });
  account.applyRemovalPolicy(RemovalPolicy.RETAIN);
  return account;
}

function logsRole(scope: Construct, settings: Settings): Role {
  const role = new Role(scope, 'api-gateway-role', {
    roleName: namedInAll('api-gateway', settings),
    assumedBy: new ServicePrincipal('apigateway.amazonaws.com'),
    managedPolicies: [
      ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonAPIGatewayPushToCloudWatchLogs'),
    ],
  });
  role.applyRemovalPolicy(RemovalPolicy.RETAIN);
  acknowledge(role, {
    'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]':
      'API Gateway checks the role of an account for the rights of this very policy',
  });
  return role;
}

function addKey(
  scope: Construct,
  name: string,
  apiStages: CfnUsagePlan.ApiStageProperty[],
  { ratePerSecond, burst }: Settings['throttle'],
): void {
  const key = new CfnApiKey(scope, `Key-${name}`, { name: named(name), enabled: true });
  const plan = new CfnUsagePlan(scope, `Plan-${name}`, {
    usagePlanName: named(name),
    apiStages,
    throttle: { rateLimit: ratePerSecond, burstLimit: burst },
  });
  new CfnUsagePlanKey(scope, `PlanKey-${name}`, {
    keyId: key.ref,
    keyType: 'API_KEY',
    usagePlanId: plan.ref,
  });
}
