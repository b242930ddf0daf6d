import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  AccountRecovery,
  ClientAttributes,
  CfnUserPoolGroup,
  Mfa,
  UserPool,
  type UserPoolClient,
} from 'aws-cdk-lib/aws-cognito';
import type { Construct } from 'constructs';
import { ROLES } from '../../../src/core/permissions.ts';
import { named } from '../names.ts';
import { acknowledge } from '../policy.ts';

export interface Users {
  readonly pool: UserPool;
  readonly client: UserPoolClient;
}

/** Who may sign in. Administrators make the users and put them into groups, which are our roles. The pool outlives its stack. */
export function addUsers(scope: Construct): Users {
  const pool = new UserPool(scope, 'Users', {
    userPoolName: named('users'),
    selfSignUpEnabled: false,
    signInAliases: { username: true, email: true },
    mfa: Mfa.REQUIRED,
    mfaSecondFactor: { otp: true, sms: false },
    passwordPolicy: {
      minLength: 14,
      requireLowercase: true,
      requireUppercase: true,
      requireDigits: true,
      requireSymbols: true,
      tempPasswordValidity: Duration.days(3),
    },
    accountRecovery: AccountRecovery.EMAIL_ONLY,
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  acknowledge(pool, {
    'AwsSolutions-COG3':
      'threat protection is of the plan Plus, paid by the user; a second factor is asked of everybody',
    'AwsSolutions-COG8': 'as above: the plan Plus brings nothing else that is used here',
  });
  ROLES.forEach((groupName, precedence) => {
    new CfnUserPoolGroup(scope, `Group-${groupName}`, {
      userPoolId: pool.userPoolId,
      groupName,
      precedence,
      description: `Have the role ${groupName} in Breakwater`,
    });
  });
  const client = pool.addClient('cli', {
    userPoolClientName: named('cli'),
    generateSecret: false,
    disableOAuth: true,
    // A password is proved, and never sent.
    authFlows: { userSrp: true },
    preventUserExistenceErrors: true,
    // Without a list a user may write all of them, such as an address of mail by which the audit trail shows somebody else.
    writeAttributes: new ClientAttributes().withStandardAttributes({ locale: true }),
    enableTokenRevocation: true,
    idTokenValidity: Duration.hours(1),
    accessTokenValidity: Duration.hours(1),
    refreshTokenValidity: Duration.hours(12),
  });
  return { pool, client };
}
