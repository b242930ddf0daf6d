import {
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { once, one, type CallsOf } from '../operation-spec.ts';
import type { ClientConfig, ServiceSpec } from '../service-spec.ts';

/** What Breakwater calls of AWS Lambda. */
export const lambdaService = {
  iamPrefix: 'lambda',
  // a function may run for 15 minutes
  answerTimeoutMs: 910_000,
  iamNames: { invoke: 'InvokeFunction' },
  newClient: (config: ClientConfig) => new LambdaClient(config),
  operations: {
    invoke: once(InvokeCommand),
    getFunctionConfiguration: one(GetFunctionConfigurationCommand),
    getAlias: one(GetAliasCommand),
  },
} satisfies ServiceSpec;

export type LambdaCalls = CallsOf<typeof lambdaService.operations>;
