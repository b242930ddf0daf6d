import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Alias } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { ApiDocument } from '../../../clients/generator/openapi.ts';
import { assessActions } from '../../../src/adapters/policy.ts';
import { OPERATIONS } from '../../../src/adapters/registry.ts';
import { CONTROL_RIGHTS } from '../../../src/hosts/control-rights.ts';
import { addFunction, type FunctionPlace } from '../functions.ts';
import { addFirewall } from '../gateway/firewall.ts';
import { addRestApi } from '../gateway/rest-api.ts';
import { addUsers, type Users } from '../gateway/user-pool.ts';

interface ApiProps extends StackProps, FunctionPlace {
  /** The API's own description. */
  readonly api: ApiDocument;
}

/** The whole API in one function, each alias a way in; and API Gateway before it, unless the settings say that there is none. */
export class ApiStack extends Stack {
  constructor(scope: Construct, id: string, { settings, functions, api, ...props }: ApiProps) {
    super(scope, id, { ...props, description: 'Breakwater: the API' });
    const users = settings.api && settings.auth === 'cognito' ? addUsers(this) : null;
    this.#addFunction({ settings, functions }, users);
    if (!settings.api) return;
    const alias = this.node.findChild('api-gateway') as Alias;
    const identity = users === null ? 'iam' : { userPoolArn: users.pool.userPoolArn };
    const { url, stageArn } = addRestApi(this, { settings, api, identity, alias });
    if (settings.waf) addFirewall(this, stageArn, settings);
    this.#output('ApiUrl', url);
    if (users === null) return;
    this.#output('UserPoolId', users.pool.userPoolId);
    this.#output('UserPoolClientId', users.client.userPoolClientId);
  }

  #addFunction(place: FunctionPlace, users: Users | null): void {
    const lambda = addFunction(
      this,
      {
        name: 'api',
        handlers: ['gateway', 'break-glass', 'trigger'],
        records: 'api',
        rights: { actions: assessActions(OPERATIONS), more: CONTROL_RIGHTS },
        // API Gateway waits 29 s; whoever invokes the function directly may wait longer.
        timeout: Duration.minutes(5),
        drives: true,
        asksSolutions: true,
        memory: 1_024,
        environment:
          users === null
            ? { AUTH_MODE: 'iam' }
            : {
                AUTH_MODE: 'cognito',
                USER_POOL_ID: users.pool.userPoolId,
                USER_POOL_CLIENT_IDS: users.client.userPoolClientId,
              },
      },
      place,
    );
    this.#output('FunctionName', lambda.functionName);
  }

  #output(name: string, value: string): void {
    new CfnOutput(this, name, { value });
  }
}
