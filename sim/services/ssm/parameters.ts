import type { GetParameterCommandInput, GetParametersCommandInput, Parameter } from '@aws-sdk/client-ssm';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';
import { parameters } from './rows.ts';

export function getParameter(call: Call, input: GetParameterCommandInput): { Parameter: Parameter } {
  const found = findParameter(call, input.Name ?? '');
  if (found === undefined) throw new ServiceError('ParameterNotFound', '');
  return { Parameter: found };
}

export function getParameters(call: Call, input: GetParametersCommandInput) {
  const names = input.Names ?? [];
  return {
    Parameters: names.flatMap((name) => findParameter(call, name) ?? []),
    InvalidParameters: names.filter((name) => !parameters(call).has(name)),
  };
}

function findParameter(call: Call, name: string): Parameter | undefined {
  const row = parameters(call).get(name);
  if (row === undefined) return undefined;
  const path = name.startsWith('/') ? name : `/${name}`;
  return {
    Name: row.name,
    Type: 'String',
    Value: row.value,
    Version: 1,
    DataType: 'text',
    LastModifiedDate: new Date(row.changedAt),
    ARN: `arn:aws:ssm:${call.region}:${call.accountId}:parameter${path}`,
  };
}
