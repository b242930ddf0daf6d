import type { DeploymentPlan, PermissionPlan, ResourcePlan, StackPlan } from './deployment-plan.ts';
import { plain, plural } from './format.ts';
import { groupChanges, type ChangeGroup } from './group-changes.ts';
import type { Theme } from './theme.ts';

/** What a change does, in the words of who has to answer for it. */
const WORDS: Readonly<Record<ResourcePlan['change'], string>> = {
  add: 'new',
  update: 'changed in place',
  may_replace: 'MAY BE REPLACED by a new one',
  replace: 'REPLACED by a new one',
  remove: 'REMOVED',
  forget: 'STAYS BEHIND, and no longer belongs to the stack',
};

/** What happens meanwhile to what runs, where it is of a kind that runs. */
const MEANWHILE: Readonly<Record<string, string>> = {
  'AWS::ApiGateway::RestApi': 'it answers all the while',
  'AWS::Lambda::Function': 'the next call gets it',
  'AWS::StepFunctions::StateMachine': 'executions under way keep the old definition',
};

const isHarmless = ({ change }: Pick<ResourcePlan, 'change'>): boolean =>
  change === 'add' || change === 'update';

/** For a person: what may lose something comes first and loud, then stack by stack. */
export function renderPlan({ region, stacks }: DeploymentPlan, theme: Theme): string {
  const resources = stacks.flatMap((stack) => stack.resources.map((resource) => ({ ...resource, stack })));
  const endangered = resources
    .filter((resource) => resource.stateful && !isHarmless(resource))
    .map(({ stack, ...resource }) => `  ${theme.bad('✗')} ${stack.stack}: ${describe(resource)}`);
  const touched = stacks.filter(({ status }) => status === 'new' || status === 'changed');
  return [
    ...(endangered.length === 0
      ? []
      : [theme.bad('THIS MAY LOSE WHAT CANNOT BE MADE AGAIN: what is new begins empty'), ...endangered, '']),
    ...stacks.flatMap((stack) => [...renderStack(stack, theme), '']),
    touched.length === 0
      ? `${theme.good('✓')} Nothing would change in ${plain(region)}`
      : `${theme.attention('!')} ${plural(touched.length, 'stack')} of ${stacks.length} would change in ${plain(region)}`,
    ...(touched.length > 0 && endangered.length === 0
      ? [
          `${theme.good('✓')} Nothing that holds records, keys, users, messages or logs is replaced or removed`,
        ]
      : []),
    ...(touched.length > 0 ? [theme.quiet('  Each resource by its name: --json')] : []),
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
  const { groups, routine } = groupChanges(resources);
  return [
    title,
    ...groups.map((group) => {
      const line = `  ${describeGroup(group)}`;
      if (isHarmless(group)) return line;
      return group.stateful ? theme.bad(line) : theme.attention(line);
    }),
    ...(routine === 0
      ? []
      : [
          theme.quiet(
            `  and ${routine} that go along: versions or deployments exchanged, and what points to them`,
          ),
        ]),
    ...(others === 0 ? [] : [`  ${plural(others, 'other difference')} (parameters, outputs, conditions)`]),
    ...renderPermissions(planned, theme),
  ];
}

/** What may be lost is named, each; of the rest, the first ones. */
function describeGroup(group: ChangeGroup): string {
  const { type, change, properties, ids } = group;
  const what = properties.length === 0 ? '' : ` (${properties.join(', ')})`;
  const meanwhile = change === 'update' ? MEANWHILE[type] : undefined;
  const names = isHarmless(group) ? listed(ids) : ids.join(', ');
  return plain(
    `${ids.length} ${type} ${WORDS[change]}${what}${meanwhile === undefined ? '' : `; ${meanwhile}`}: ${names}`,
  );
}

function renderPermissions({ permissions, broadens }: StackPlan, theme: Theme): string[] {
  if (permissions.length === 0) return [];
  const warning = broadens ? theme.attention(' (somebody may do more than before)') : '';
  return [
    `  ${theme.strong('permissions')}${warning}`,
    ...timesEach(permissions.map(describePermission)).map((line) => `    ${line}`),
  ];
}

/** What is said several times, such as of the role of each function, once. */
function timesEach(lines: readonly string[]): string[] {
  return [...Map.groupBy(lines, (line) => line)].map(([line, { length }]) =>
    length === 1 ? line : `${line} (${length} times)`,
  );
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
