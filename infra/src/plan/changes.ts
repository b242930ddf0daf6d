import { fullDiff, ResourceImpact, type ResourceDifference } from '@aws-cdk/cloudformation-diff';
import type { PermissionPlan, ResourcePlan, StackPlan } from '../../../src/cli/deployment-plan.ts';
import type { Template } from '../synthesize.ts';

/** They hold what cannot be made again. */
const STATEFUL = new Set([
  'AWS::Cognito::UserPool',
  'AWS::DynamoDB::GlobalTable',
  'AWS::DynamoDB::Table',
  'AWS::KMS::Key',
  'AWS::Logs::LogGroup',
  'AWS::SQS::Queue',
]);

const CHANGES: Readonly<Record<ResourceImpact, ResourcePlan['change'] | null>> = {
  [ResourceImpact.WILL_CREATE]: 'add',
  [ResourceImpact.WILL_IMPORT]: 'add',
  [ResourceImpact.WILL_UPDATE]: 'update',
  [ResourceImpact.MAY_REPLACE]: 'may_replace',
  [ResourceImpact.WILL_REPLACE]: 'replace',
  [ResourceImpact.WILL_DESTROY]: 'remove',
  [ResourceImpact.WILL_ORPHAN]: 'forget',
  [ResourceImpact.NO_CHANGE]: null,
};

/** What a stack would go through. `deployed: null`: it is not there. `wanted: null`: it is there, and the settings do not ask for it. */
export function planStack(stack: string, deployed: Template | null, wanted: Template | null): StackPlan {
  // Nothing takes a stack away that is not asked for any more, so nothing of it changes.
  if (wanted === null) return { stack, status: 'left', ...NOTHING };
  const difference = fullDiff(deployed ?? {}, wanted);
  const resources: ResourcePlan[] = [];
  difference.resources.forEachDifference((id, resource: ResourceDifference) => {
    const planned = planResource(id, resource);
    if (planned !== null) resources.push(planned);
  });
  const { iamChanges } = difference;
  return {
    stack,
    status: deployed === null ? 'new' : difference.isEmpty ? 'same' : 'changed',
    resources,
    permissions: [
      ...iamChanges.statements.additions.map((statement) => planPermission('add', statement)),
      ...iamChanges.statements.removals.map((statement) => planPermission('remove', statement)),
    ],
    broadens: difference.permissionsBroadened,
    others: difference.differenceCount - difference.resources.differenceCount,
  };
}

const NOTHING = { resources: [], permissions: [], broadens: false, others: 0 };

function planResource(id: string, resource: ResourceDifference): ResourcePlan | null {
  const change = CHANGES[resource.changeImpact];
  // `changeImpact` knows properties alone: metadata or a policy of deletion may change as well.
  if (change === null && !resource.isDifferent) return null;
  const type = resource.newResourceType ?? resource.oldResourceType ?? 'unknown';
  const isNewOrGone = resource.isAddition || resource.isRemoval;
  const changed = [...Object.keys(resource.propertyUpdates), ...Object.keys(resource.otherChanges)];
  return {
    id,
    type,
    change: change ?? 'update',
    properties: isNewOrGone ? [] : changed.sort(),
    stateful: STATEFUL.has(type),
  };
}

type Statement = ReturnType<typeof fullDiff>['iamChanges']['statements']['additions'][number];

function planPermission(
  change: PermissionPlan['change'],
  { effect, actions, resources, principals, condition }: Statement,
): PermissionPlan {
  return {
    change,
    effect,
    actions: wordsOf(actions),
    resources: wordsOf(resources),
    principals: wordsOf(principals),
    conditional: condition !== undefined,
  };
}

function wordsOf({ not, values }: Statement['actions']): string[] {
  return not ? values.map((value) => `not ${value}`) : values;
}
