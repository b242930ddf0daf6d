import type { DeploymentPlan, PermissionPlan, ResourcePlan, StackPlan } from './deployment-plan.ts';
import { plain, plural } from './format.ts';
import type { Theme } from './theme.ts';

const WORDS: Readonly<Record<ResourcePlan['change'], string>> = {
  add: 'new',
  update: 'changes',
  may_replace: 'MAY BE REPLACED',
  replace: 'IS REPLACED',
  remove: 'IS REMOVED',
  forget: 'STAYS BEHIND, and no longer belongs to the stack',
};

const isHarmless = ({ change }: ResourcePlan): boolean => change === 'add' || change === 'update';

/** For a person: what may lose something comes first and loud, then stack by stack. */
export function renderPlan({ region, stacks }: DeploymentPlan, theme: Theme): string {
  const endangered = stacks.flatMap(({ stack, resources }) =>
    resources
      .filter((resource) => resource.stateful && !isHarmless(resource))
      .map((resource) => `  ${theme.bad('✗')} ${stack}: ${describe(resource)}`),
  );
  const touched = stacks.filter(({ status }) => status === 'new' || status === 'changed');
  const verdict =
    touched.length === 0
      ? `${theme.good('✓')} Nothing would change in ${plain(region)}`
      : `${theme.attention('!')} ${plural(touched.length, 'stack')} of ${stacks.length} would change in ${plain(region)}`;
  return [
    ...(endangered.length === 0
      ? []
      : [theme.bad('THIS MAY LOSE WHAT CANNOT BE MADE AGAIN'), ...endangered, '']),
    ...stacks.flatMap((stack) => [...renderStack(stack, theme), '']),
    verdict,
  ].join('\n');
}

function renderStack(planned: StackPlan, theme: Theme): string[] {
  const { stack, status, resources, others } = planned;
  const titles: Record<StackPlan['status'], string> = {
    new: 'not deployed yet: all is new',
    changed: 'changes',
    same: 'no change',
    left: 'is deployed, and these settings do not ask for it: it stays until somebody deletes it',
  };
  const title = `${theme.strong(stack)}: ${titles[status]}`;
  if (status === 'new') return [title, ...countTypes(planned)];
  const paint = ({ stateful }: ResourcePlan): Theme['bad'] => (stateful ? theme.bad : theme.attention);
  return [
    title,
    ...resources.map((resource) =>
      isHarmless(resource) ? `  ${describe(resource)}` : `  ${paint(resource)(describe(resource))}`,
    ),
    ...(others === 0 ? [] : [`  ${plural(others, 'other difference')} (parameters, outputs, conditions)`]),
    ...renderPermissions(planned, theme),
  ];
}

function renderPermissions({ permissions, broadens }: StackPlan, theme: Theme): string[] {
  if (permissions.length === 0) return [];
  const warning = broadens ? theme.attention(' (somebody may do more than before)') : '';
  return [
    `  ${theme.strong('permissions')}${warning}`,
    ...permissions.map((one) => `    ${describePermission(one)}`),
  ];
}

function describe({ id, type, change, properties }: ResourcePlan): string {
  const what = properties.length === 0 ? '' : ` (${properties.join(', ')})`;
  return plain(`${type} ${id} ${WORDS[change]}${what}`);
}

/** Everything of a new stack, by its kind: a list of all would say no more. */
function countTypes({ resources, permissions }: StackPlan): string[] {
  const kinds = [...Map.groupBy(resources, ({ type }) => type)].map(
    ([type, some]) => `  ${some.length} ${plain(type)}`,
  );
  return [...kinds.sort(), `  ${plural(permissions.length, 'statement')} of permissions`];
}

function describePermission({
  change,
  effect,
  actions,
  resources,
  principals,
  conditional,
}: PermissionPlan): string {
  const on = resources.length === 0 ? '' : ` on ${listed(resources)}`;
  const who = principals.length === 0 ? '' : ` for ${listed(principals)}`;
  const sign = change === 'add' ? '+' : '-';
  return plain(
    `${sign} ${effect} ${actions.join(', ')}${on}${who}${conditional ? ', under conditions' : ''}`,
  );
}

/** The first ones; `--json` has all. */
function listed(values: readonly string[]): string {
  const first = values.slice(0, 3).join(', ');
  return values.length <= 3 ? first : `${first} and ${values.length - 3} more`;
}
