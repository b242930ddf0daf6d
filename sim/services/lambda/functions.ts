import type {
  FunctionConfiguration,
  GetAliasCommandInput,
  GetFunctionCommandInput,
  GetFunctionConfigurationCommandInput,
  ListFunctionsCommandInput,
} from '@aws-sdk/client-lambda';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';
import { cutPage } from '#sim/services/paging.ts';
import { functions, getFunctionRow, type FunctionRow } from './rows.ts';

export function getFunction(call: Call, input: GetFunctionCommandInput) {
  const row = getFunctionRow(call, input.FunctionName);
  return {
    Configuration: configurationOf(row),
    Code: { RepositoryType: 'S3', Location: `https://lambda-code.invalid/${row.name}` },
    Tags: { ...row.tags },
  };
}

export function getFunctionConfiguration(call: Call, input: GetFunctionConfigurationCommandInput) {
  return configurationOf(getFunctionRow(call, input.FunctionName));
}

export function getAlias(call: Call, { FunctionName, Name = '' }: GetAliasCommandInput) {
  const row = getFunctionRow(call, FunctionName);
  if (!row.aliases.includes(Name)) {
    throw new ServiceError('ResourceNotFoundException', `Cannot find alias arn: ${row.arn}:${Name}`, {
      Type: 'User',
    });
  }
  return { AliasArn: `${row.arn}:${Name}`, Name, FunctionVersion: '1', Description: '' };
}

export function listFunctions(call: Call, input: ListFunctionsCommandInput) {
  const cut = cutPage(functions(call).all(), {
    token: input.Marker,
    size: Math.min(input.MaxItems ?? 50, 50),
  });
  if (cut === null) {
    throw new ServiceError('InvalidParameterValueException', 'Invalid Marker', { Type: 'User' });
  }
  return { Functions: cut.items.map(configurationOf), NextMarker: cut.next };
}

function configurationOf(row: FunctionRow): FunctionConfiguration {
  return {
    FunctionName: row.name,
    FunctionArn: row.arn,
    Runtime: row.runtime as 'nodejs22.x',
    Role: `arn:aws:iam::${row.arn.split(':')[4]}:role/${row.name}`,
    Handler: row.handler,
    Description: row.description,
    Timeout: row.timeoutSeconds,
    MemorySize: row.memoryMb,
    LastModified: new Date(row.changedAt).toISOString().replace('Z', '+0000'),
    Version: '$LATEST',
    PackageType: 'Zip',
    State: row.state,
    LastUpdateStatus: 'Successful',
  };
}
