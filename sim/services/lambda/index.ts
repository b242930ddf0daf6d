import type { Handlers, ServiceDefinition } from '#sim/kernel/contract.ts';
import { changeRowTags } from '#sim/services/tagging-support.ts';
import { getAlias, getFunction, getFunctionConfiguration, listFunctions } from './functions.ts';
import { invoke } from './invoke.ts';
import { functions } from './rows.ts';
import { LambdaSection, seed } from './scenario.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html; new accounts may have less. */
const CONCURRENCY = {
  serviceCode: 'lambda',
  code: 'L-B99A9384',
  name: 'Concurrent executions',
  value: 1_000,
};

export const service: ServiceDefinition = {
  name: 'lambda',
  operations: {
    GetAlias: getAlias,
    GetFunction: getFunction,
    GetFunctionConfiguration: getFunctionConfiguration,
    Invoke: invoke,
    ListFunctions: listFunctions,
  } satisfies Handlers<typeof import('@aws-sdk/client-lambda')>,
  quotas: () => [CONCURRENCY],
  scenario: LambdaSection,
  seed,
  taggedResources: (call) => functions(call).all(),
  changeTags: (call, arn, changes) =>
    changeRowTags(functions(call), { id: arn.split(':').at(-1)!, arn }, changes),
};
