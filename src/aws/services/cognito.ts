import {
  AssociateSoftwareTokenCommand,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
  RevokeTokenCommand,
  VerifySoftwareTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { once, one, type CallsOf } from '../operation-spec.ts';
import type { ClientConfig, ServiceSpec } from '../service-spec.ts';

/**
 * What Breakwater calls of the user pools of Amazon Cognito: the calls of somebody who signs in, which need no credentials of AWS. An
 * answer to a challenge counts once; whoever does not hear of it begins anew.
 */
export const cognitoService = {
  iamPrefix: 'cognito-idp',
  newClient: (config: ClientConfig) => new CognitoIdentityProviderClient(config),
  operations: {
    initiateAuth: one(InitiateAuthCommand),
    respondToAuthChallenge: once(RespondToAuthChallengeCommand),
    associateSoftwareToken: once(AssociateSoftwareTokenCommand),
    verifySoftwareToken: once(VerifySoftwareTokenCommand),
    revokeToken: one(RevokeTokenCommand),
  },
} satisfies ServiceSpec;

export type UserPoolCalls = CallsOf<typeof cognitoService.operations>;
