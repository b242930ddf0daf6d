import { Aws } from 'aws-cdk-lib';
import type { FunctionName } from './function-names.ts';
import type { Settings } from './settings.ts';

/** Functions, log groups, roles and state machines are named `breakwater-…`. */
export const named = (name: string): string => `breakwater-${name}`;

/** Of what has one name in all Regions of an account, such as roles: the standby stands beside the first deployment. */
export function namedInAll(name: string, { standby, region = '' }: Settings): string {
  return standby ? namedInStandby(name, region) : named(name);
}

/** The same of a standby in this Region. */
export const namedInStandby = (name: string, region: string): string => `${named(name)}-${region}`;

/** In the account and Region that the template is deployed in. By name: so nothing has to wait for what it names. */
export const arnOf = (service: string, tail: string): string =>
  `arn:${Aws.PARTITION}:${service}:${Aws.REGION}:${Aws.ACCOUNT_ID}:${tail}`;

export const machineArn = (name: 'recovery' | 'technology'): string =>
  arnOf('states', `stateMachine:${named(name)}`);

export const functionArn = (name: FunctionName, alias: string): string =>
  arnOf('lambda', `function:${named(name)}:${alias}`);

/** Of the key of the records. */
export const RECORDS_KEY_ALIAS = `alias/${named('records')}`;

/** What the function `api` is invoked by, for SSM and EventBridge. */
export const TRIGGER_ALIAS = 'trigger';

/** The queue of events that the alias has refused three times, or EventBridge could not deliver. */
export const DEAD_EVENTS = named('trigger-dead');
