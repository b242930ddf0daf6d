import type { Json, JsonObject } from '#core/json.ts';

/** The event that AWS documents for a Lambda proxy integration of a REST API, with all its members. */
const DOCUMENTED: JsonObject = {
  resource: '/my/path',
  path: '/my/path',
  httpMethod: 'GET',
  headers: { header1: 'value1', header2: 'value2' },
  multiValueHeaders: { header1: ['value1'], header2: ['value1', 'value2'] },
  queryStringParameters: { parameter1: 'value1', parameter2: 'value' },
  multiValueQueryStringParameters: { parameter1: ['value1', 'value2'], parameter2: ['value'] },
  requestContext: {
    accountId: '123456789012',
    apiId: 'id',
    authorizer: { claims: null, scopes: null },
    domainName: 'id.execute-api.us-east-1.amazonaws.com',
    domainPrefix: 'id',
    extendedRequestId: 'request-id',
    httpMethod: 'GET',
    identity: {
      accessKey: null,
      accountId: null,
      caller: null,
      cognitoAuthenticationProvider: null,
      cognitoAuthenticationType: null,
      cognitoIdentityId: null,
      cognitoIdentityPoolId: null,
      principalOrgId: null,
      sourceIp: '192.0.2.7',
      user: null,
      userAgent: 'user-agent',
      userArn: null,
      clientCert: null,
    },
    path: '/my/path',
    protocol: 'HTTP/1.1',
    requestId: 'gateway-request-id',
    requestTime: '04/Mar/2020:19:15:17 +0000',
    requestTimeEpoch: 1_583_349_317_135,
    resourceId: null,
    resourcePath: '/my/path',
    stage: '$default',
  },
  pathParameters: null,
  stageVariables: null,
  body: 'Hello from Lambda!',
  isBase64Encoded: false,
};

interface GatewayRequest {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  readonly query?: Readonly<Record<string, readonly string[]>>;
  readonly body?: string | null;
  readonly base64?: boolean;
  readonly userArn?: string;
}

/** The documented event, with this request in it. */
export function gatewayEvent(request: GatewayRequest): Json {
  const { path, method = 'GET', headers = {}, query, body = null, base64 = false, userArn = null } = request;
  const context = DOCUMENTED['requestContext'] as JsonObject;
  return {
    ...DOCUMENTED,
    resource: '/{proxy+}',
    path,
    httpMethod: method,
    headers: Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, values.at(-1)!])),
    multiValueHeaders: headers as unknown as Json,
    multiValueQueryStringParameters: (query ?? null) as unknown as Json,
    body,
    isBase64Encoded: base64,
    requestContext: { ...context, identity: { ...(context['identity'] as JsonObject), userArn } },
  };
}
