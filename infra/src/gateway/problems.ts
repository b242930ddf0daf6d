import type { ErrorCode } from '../../../src/core/error-codes.ts';
import { problemOf } from '../../../src/api/problem.ts';
import { BreakwaterError } from '../../../src/core/errors.ts';

/** What API Gateway says itself, as a quoted JSON string. */
const ITS_WORDS = '$context.error.messageString';

/**
 * What API Gateway answers by itself, each as the error of ours that it is:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
const ERRORS: Readonly<Record<string, readonly [code: ErrorCode, detail: string]>> = {
  ACCESS_DENIED: ['Forbidden', 'the identity may not call this method'],
  API_CONFIGURATION_ERROR: ['Bug', ''],
  AUTHORIZER_CONFIGURATION_ERROR: ['Bug', ''],
  AUTHORIZER_FAILURE: ['NotReady', 'who asks could not be found out'],
  BAD_REQUEST_BODY: ['RequestInvalid', ITS_WORDS],
  BAD_REQUEST_PARAMETERS: ['RequestInvalid', ITS_WORDS],
  DEFAULT_4XX: ['RequestInvalid', ITS_WORDS],
  DEFAULT_5XX: ['NotReady', 'the API has trouble'],
  EXPIRED_TOKEN: ['Unauthenticated', 'the token has expired'],
  INTEGRATION_FAILURE: ['NotReady', 'the function could not be asked'],
  INTEGRATION_TIMEOUT: [
    'NotReady',
    'the function did not answer within 29 s; it may go on: read before you repeat',
  ],
  INVALID_API_KEY: ['Forbidden', 'the API asks for a key in x-api-key, and this is none of its keys'],
  INVALID_SIGNATURE: ['Unauthenticated', 'the signature is not right'],
  QUOTA_EXCEEDED: ['TooManyRequests', 'the quota of this API key is used up'],
  REQUEST_TOO_LARGE: ['RequestTooLarge', 'the request is larger than 10 MB'],
  RESOURCE_NOT_FOUND: ['RouteNotFound', 'there is nothing at this path'],
  THROTTLED: ['TooManyRequests', 'too many requests'],
  UNAUTHORIZED: ['Unauthenticated', 'no token, or none of this user pool'],
  UNSUPPORTED_MEDIA_TYPE: ['MediaTypeUnsupported', 'the content type is not one that the route takes'],
  WAF_FILTERED: ['Forbidden', 'a rule of the web firewall refused the request'],
};

/** It says the same of a path that is not there and of a request that is not signed; where none is signed, it is the path. */
const MISSING_TOKEN = {
  cognito: ['RouteNotFound', 'there is no such path, or it does not take this method'],
  iam: ['Unauthenticated', 'the request is not signed, or there is no such path and method'],
} as const;

/** All of them as problems (RFC 9457), in the shape of those that the function answers. */
export function gatewayProblems(auth: 'cognito' | 'iam'): Record<string, object> {
  const all = { ...ERRORS, MISSING_AUTHENTICATION_TOKEN: MISSING_TOKEN[auth] };
  return Object.fromEntries(
    Object.entries(all).map(([type, [code, detail]]) => [type, response(code, detail)]),
  );
}

function response(code: ErrorCode, detail: string): object {
  const problem = problemOf(new BreakwaterError(code, detail), '$context.requestId');
  return {
    statusCode: problem.status,
    responseParameters: {
      'gatewayresponse.header.Content-Type': "'application/problem+json'",
      ...(code === 'TooManyRequests' && { 'gatewayresponse.header.Retry-After': "'1'" }),
      ...(code === 'Unauthenticated' && {
        'gatewayresponse.header.WWW-Authenticate': `'Bearer realm="breakwater"'`,
      }),
    },
    // No Velocity here: variables are put in as they are, and this one brings its quotes along.
    responseTemplates: { 'application/json': JSON.stringify(problem).replace(`"${ITS_WORDS}"`, ITS_WORDS) },
  };
}
