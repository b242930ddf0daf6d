import { Aws, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { policyStatements, statementsOfRights, type PolicyPlace } from '../../src/adapters/policy.ts';
import type { Right } from '../../src/adapters/rights.ts';

/** What something may do: the actions by the rows of `RIGHTS`, and rights that have no row there. */
export interface Rights {
  readonly actions: readonly string[];
  readonly more?: readonly Right[];
}

function statementsAt(place: PolicyPlace, { actions, more = [] }: Rights) {
  return [...policyStatements(actions, place), ...statementsOfRights(more, place)];
}

/** These rights in the account that the template is deployed in. */
export function statementsOf(rights: Rights): PolicyStatement[] {
  const place = { partition: Aws.PARTITION, accountId: Aws.ACCOUNT_ID };
  return statementsAt(place, rights).map((statement) => PolicyStatement.fromJson(statement));
}

/** As cdk-nag writes them in its findings. */
const NAG_PLACE = { partition: '<AWS::Partition>', accountId: '<AWS::AccountId>' };

/** Says to cdk-nag why the resources of `statementsOf(rights)` have wildcards. */
export function acknowledgeRights(construct: IConstruct, rights: Rights): void {
  const reasons: Record<string, string> = {};
  for (const { Resource, Action } of statementsAt(NAG_PLACE, rights)) {
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
  const rules = Object.entries(reasons).map(([resource, why]) => [
    `AwsSolutions-IAM5[Resource::${resource}]`,
    why,
  ]);
  acknowledge(construct, Object.fromEntries(rules));
}

/** Says to cdk-nag why something does not follow rules, one reason for each. */
export function acknowledge(construct: IConstruct, reasons: Readonly<Record<string, string>>): void {
  for (const [id, reason] of Object.entries(reasons)) Validations.of(construct).acknowledge({ id, reason });
}
