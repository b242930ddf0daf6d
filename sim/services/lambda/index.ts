import type { Handlers, ServiceDefinition } from '#sim/kernel/contract.ts';
import { changeRowTags } from '#sim/services/tagging-support.ts';
import { getFunction, getFunctionConfiguration, listFunctions } from './functions.ts';
import { invoke } from './invoke.ts';
import { functions } from './rows.ts';
import { LambdaSection, seed } from './scenario.ts';

export const service: ServiceDefinition = {
  name: 'lambda',
  operations: {
    GetFunction: getFunction,
    GetFunctionConfiguration: getFunctionConfiguration,
    Invoke: invoke,
    ListFunctions: listFunctions,
  } satisfies Handlers<typeof import('@aws-sdk/client-lambda')>,
  scenario: LambdaSection,
  seed,
  taggedResources: (call) => functions(call).all(),
  changeTags: (call, arn, changes) =>
    changeRowTags(functions(call), { id: arn.split(':').at(-1)!, arn }, changes),
};
