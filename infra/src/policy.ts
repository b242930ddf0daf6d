import { Aws, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { policyStatements } from '../../src/adapters/policy.ts';

/** The rights to these actions in the account that the template is deployed in. */
export function statementsOf(actions: readonly string[]): PolicyStatement[] {
  const place = { partition: Aws.PARTITION, accountId: Aws.ACCOUNT_ID };
  return policyStatements(actions, place).map((statement) => PolicyStatement.fromJson(statement));
}

/** As cdk-nag writes them in its findings. */
const NAG_PLACE = { partition: '<AWS::Partition>', accountId: '<AWS::AccountId>' };

/** Says to cdk-nag why the resources of `statementsOf(actions)` have wildcards. */
export function acknowledgeActions(construct: IConstruct, actions: readonly string[]): void {
  const reasons: Record<string, string> = {};
  for (const { Resource, Action } of policyStatements(actions, NAG_PLACE)) {
    for (const resource of Resource.filter((one) => one.includes('*'))) {
      const why =
        resource === '*'
          ? `AWS has no resource level for ${Action.join(', ')}`
          : `which of them are recovered is for the plans to say; ${Action.join(', ')}`;
      reasons[resource] = reasons[resource] === undefined ? why : `${reasons[resource]}; ${why}`;
    }
  }
  acknowledgeResources(construct, reasons);
}

/**
 * Says to cdk-nag why resources of a policy have wildcards, one reason for each. A wildcard in an action is never acknowledged: it
 * fails the synthesis.
 */
export function acknowledgeResources(construct: IConstruct, reasons: Readonly<Record<string, string>>): void {
  for (const [resource, reason] of Object.entries(reasons)) {
    Validations.of(construct).acknowledge({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason });
  }
}
