import {
  CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
} from '@aws-sdk/client-cloudformation';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { parse } from 'yaml';
import type { Template } from '../synthesize.ts';

/** Reads the template that a stack was deployed with; `null`: there is no such stack. Throws what AWS, or the way to it, says. */
export type ReadDeployed = (stack: string) => Promise<Template | null>;

/** A stack in one of these has a template, and nothing of what is in it. */
const NEVER_DEPLOYED = new Set(['REVIEW_IN_PROGRESS', 'ROLLBACK_COMPLETE', 'DELETE_COMPLETE']);

const ANSWER_MS = 15_000;

/** A network that takes calls and answers none is told within a minute: each is tried three times. */
const within = (requestTimeout: number) => ({
  requestHandler: { connectionTimeout: 5_000, requestTimeout, throwOnRequestTimeout: true },
});

/** From CloudFormation, with the SDK's own credentials and retries. */
export function deployedIn(region: string): ReadDeployed {
  const client = new CloudFormationClient({ region, ...within(ANSWER_MS) });
  return async (StackName) => {
    try {
      const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName }));
      if (Stacks.every(({ StackStatus = '' }) => NEVER_DEPLOYED.has(StackStatus))) return null;
      const { TemplateBody } = await client.send(new GetTemplateCommand({ StackName }));
      // YAML, of which JSON is a part: the CDK CLI has written both.
      return parse(TemplateBody ?? '{}') as Template;
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  };
}

/** The account of the credentials. */
export async function accountIn(region: string, patienceMs = ANSWER_MS): Promise<string> {
  const { Account = '' } = await new STSClient({ region, ...within(patienceMs) }).send(
    new GetCallerIdentityCommand({}),
  );
  return Account;
}

/** CloudFormation has no error of its own for it: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplate.html */
function isMissing(error: unknown): boolean {
  return (
    error instanceof Error && error.name === 'ValidationError' && error.message.includes('does not exist')
  );
}
