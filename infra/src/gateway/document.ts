import type { ApiDocument, Operation, Parameter } from '../../../clients/generator/openapi.ts';
import { modelOf, type Loosened, type Model } from './models.ts';
import { gatewayProblems } from './problems.ts';

export interface GatewayParams {
  /** Our own description, of OpenAPI 3.1, as the routes generate it. */
  readonly api: ApiDocument;
  /** A user pool's ARN, or signatures of AWS. */
  readonly identity: { readonly userPoolArn: string } | 'iam';
  readonly asksForKey: boolean;
  /** What API Gateway invokes: `arn:…:apigateway:…:lambda:path/…/invocations`. */
  readonly integrationUri: string;
}

export interface GatewayDocument {
  readonly document: object;
  /** Where the gateway asks for less than the description does: `place: what`. The function asks for all of it. */
  readonly loosened: readonly string[];
}

type Described = Operation & { readonly security?: readonly unknown[] };

/** What refusals point to. No route of its own, so it does not describe itself. */
const DESCRIPTION: Described = { operationId: 'describeApi', summary: 'What the API can do', responses: {} };

const LIMIT_MS = 29_000;
const KEY = { api_key: { type: 'apiKey', name: 'x-api-key', in: 'header' } };

/**
 * The API's description as API Gateway imports it: OpenAPI 3.0 with its extensions. It has what the gateway acts on: who may ask,
 * which parameters there must be, what a body looks like. Of parameters it looks at nothing but that, and at answers not at all:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
 */
export function gatewayDocument(params: GatewayParams): GatewayDocument {
  const { api, identity, asksForKey } = params;
  const told = new Set<string>();
  const loosened: Loosened = (at, what) => void told.add(`${at}: ${what}`);
  const described = { ...api.paths, '/openapi.json': { get: DESCRIPTION } };
  const paths = Object.entries(described).map(([path, methods]) => [
    path,
    Object.fromEntries(
      Object.entries(methods).map(([method, operation]) => [
        method,
        methodOf(operation, params, (what) => loosened(`${method.toUpperCase()} ${path}`, what), loosened),
      ]),
    ),
  ]);
  const bodies = Object.fromEntries(paths) as Record<string, object>;
  const document = {
    openapi: '3.0.1',
    info: { title: 'Breakwater', version: '1', description: 'Disaster-recovery orchestration for AWS' },
    paths: bodies,
    components: {
      schemas: modelsOf(api, bodies, loosened),
      securitySchemes: { ...schemeOf(identity), ...(asksForKey && KEY) },
    },
    'x-amazon-apigateway-request-validators': {
      all: { validateRequestBody: true, validateRequestParameters: true },
    },
    'x-amazon-apigateway-request-validator': 'all',
    'x-amazon-apigateway-gateway-responses': gatewayProblems(identity === 'iam' ? 'iam' : 'cognito'),
  };
  return { document, loosened: [...told].sort() };
}

function methodOf(
  operation: Described,
  { identity, asksForKey, integrationUri }: GatewayParams,
  here: (what: string) => void,
  loosened: Loosened,
): object {
  const isPublic = operation.security?.length === 0;
  const schemes = { ...(!isPublic && { [nameOf(identity)]: [] }), ...(asksForKey && { api_key: [] }) };
  return {
    operationId: operation.operationId,
    parameters: (operation.parameters ?? []).map((parameter) => parameterOf(parameter, here)),
    ...bodyOf(operation, here, loosened),
    responses: { default: { description: 'As /openapi.json describes it' } },
    security: Object.keys(schemes).length === 0 ? [] : [schemes],
    'x-amazon-apigateway-integration': {
      type: 'aws_proxy',
      httpMethod: 'POST',
      uri: integrationUri,
      passthroughBehavior: 'when_no_match',
      timeoutInMillis: LIMIT_MS,
    },
  };
}

function parameterOf(parameter: Parameter, here: (what: string) => void): object {
  const { name, in: place, required = false } = parameter;
  // What is missing is another error than what is wrong: the function answers 428, which the gateway cannot.
  const isPrecondition = name === 'if-match';
  if (isPrecondition && required) here('If-Match may be left out');
  return { name, in: place, required: required && !isPrecondition, schema: { type: 'string' } };
}

function bodyOf(
  { requestBody, operationId }: Described,
  here: (what: string) => void,
  loosened: Loosened,
): { readonly requestBody?: object } {
  if (requestBody === undefined) return {};
  // Nobody says what the gateway makes of no body where there is a model.
  if (!requestBody.required) {
    here('the body may be left out, so it has no model');
    return {};
  }
  for (const type of Object.keys(requestBody.content))
    if (type !== 'application/json') here(`${type} has no model`);
  const { schema } = requestBody.content['application/json']!;
  return {
    requestBody: {
      required: true,
      content: { 'application/json': { schema: modelOf(schema, operationId, loosened) } },
    },
  };
}

/** Of all shapes, those that bodies refer to. */
function modelsOf(api: ApiDocument, paths: object, loosened: Loosened): Record<string, Model> {
  const models: Record<string, Model> = {};
  for (let names = namesIn(paths); names.length > 0;) {
    for (const name of names) models[name] = modelOf(api.components.schemas[name]!, name, loosened);
    names = namesIn(models).filter((name) => models[name] === undefined);
  }
  return models;
}

function namesIn(part: object): string[] {
  const found = JSON.stringify(part).matchAll(/"#\/components\/schemas\/(\w+)"/g);
  return [...new Set([...found].map(([, name]) => name!))];
}

const nameOf = (identity: GatewayParams['identity']): string => (identity === 'iam' ? 'sigv4' : 'cognito');

function schemeOf(identity: GatewayParams['identity']): object {
  const header = { type: 'apiKey', name: 'Authorization', in: 'header' };
  if (identity === 'iam') return { sigv4: { ...header, 'x-amazon-apigateway-authtype': 'awsSigv4' } };
  return {
    cognito: {
      ...header,
      'x-amazon-apigateway-authtype': 'cognito_user_pools',
      'x-amazon-apigateway-authorizer': {
        type: 'cognito_user_pools',
        providerARNs: [identity.userPoolArn],
      },
    },
  };
}
