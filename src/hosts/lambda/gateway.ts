import type { Authenticator } from '#api/identity/authenticator.ts';
import { problemOf } from '#api/problem.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { Json } from '#core/json.ts';
import { answerTooLarge, excessBytes } from './answer-size.ts';
import {
  gatewayAnswerOf,
  readGatewayEvent,
  requestOf,
  type GatewayAnswer,
  type GatewayEvent,
} from './gateway-event.ts';
import type { LambdaApi } from './open-api.ts';

type GatewayApi = Pick<LambdaApi, 'ask' | 'authenticator' | 'arnAuthenticator' | 'authMode'>;

/** Answers a request that API Gateway hands over. */
export async function answerGateway(api: GatewayApi, input: Json): Promise<GatewayAnswer> {
  const event = readGatewayEvent(input);
  const answer = gatewayAnswerOf(await api.ask(requestOf(event), authenticatorFor(api, event)));
  const excess = excessBytes(answer);
  if (excess === null) return answer;
  const [requestId = ''] = answer.multiValueHeaders['x-request-id'] ?? [];
  const problem = problemOf(answerTooLarge(excess), requestId);
  const { 'content-disposition': _, ...headers } = answer.multiValueHeaders;
  const multiValueHeaders = { ...headers, 'content-type': ['application/problem+json'] };
  return { ...answer, statusCode: problem.status, multiValueHeaders, body: JSON.stringify(problem) };
}

/**
 * `cognito`: API Gateway has looked at the token, and it is verified here once more, where roles are found in it. `iam`: API Gateway has
 * verified who signed.
 */
function authenticatorFor(
  { authMode, authenticator, arnAuthenticator }: GatewayApi,
  { requestContext: { identity } }: GatewayEvent,
): Authenticator {
  if (authMode === undefined)
    throw new BreakwaterError(
      'HostIncomplete',
      'AUTH_MODE is not set: who asks by API Gateway cannot be known',
    );
  if (authMode === 'cognito') return authenticator;
  return {
    authenticate: (credentials) =>
      arnAuthenticator.authenticate({ ...credentials, arn: identity.userArn ?? undefined }),
  };
}
