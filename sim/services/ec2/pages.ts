import { cutPage } from '#sim/services/paging.ts';
import { ec2Error } from './errors.ts';

/**
 * Checks how a list is asked for, and answers what cuts it. Without `MaxResults` everything comes at once, up to 1000;
 * with it 5 to 1000, and never together with ids.
 */
export function pager(input: {
  readonly InstanceIds?: readonly string[] | undefined;
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}): <T>(rows: readonly T[]) => { items: T[]; next: string | undefined } {
  const { InstanceIds = [], MaxResults, NextToken } = input;
  if (InstanceIds.length > 0 && MaxResults !== undefined) {
    throw ec2Error(
      'InvalidParameterCombination',
      'The parameter instancesSet cannot be used with the parameter maxResults',
    );
  }
  if (MaxResults !== undefined && (MaxResults < 5 || MaxResults > 1000)) {
    throw ec2Error(
      'InvalidParameterValue',
      `Value ( ${MaxResults} ) for parameter maxResults is invalid. Expecting a value between 5 and 1000.`,
    );
  }
  return (rows) => {
    const cut = cutPage(rows, { token: NextToken, size: MaxResults ?? 1000 });
    if (cut === null) throw ec2Error('InvalidNextToken', 'The specified next token is invalid.');
    return cut;
  };
}
