import type { ResourcePlan } from './deployment-plan.ts';

/** Changes that are the same but for what they happen to. */
export interface ChangeGroup {
  readonly type: string;
  readonly change: ResourcePlan['change'];
  readonly properties: readonly string[];
  readonly stateful: boolean;
  readonly ids: readonly string[];
}

/** The changes of a stack, as a person looks at them. */
export interface GroupedChanges {
  readonly groups: readonly ChangeGroup[];
  /** What goes along with each change of a function or of the API, and says no more: versions exchanged, aliases pointed to them. */
  readonly routine: number;
}

/** CloudFormation never changes these: a new one takes the place of the old. */
const EXCHANGED = new Set(['AWS::Lambda::Version', 'AWS::ApiGateway::Deployment']);
/** These point to what is exchanged. */
const POINTERS: Readonly<Record<string, string>> = {
  'AWS::Lambda::Alias': 'FunctionVersion',
  'AWS::ApiGateway::Stage': 'DeploymentId',
};

export function groupChanges(resources: readonly ResourcePlan[]): GroupedChanges {
  const pairs = new Set(exchanged(resources));
  const told = resources.filter((resource) => !pairs.has(resource) && !isPointer(resource));
  const alike = Map.groupBy(told, ({ type, change, properties }) =>
    JSON.stringify([type, change, properties]),
  );
  const groups = [...alike.values()].map(([first, ...others]): ChangeGroup => {
    const { type, change, properties, stateful } = first!;
    return { type, change, properties, stateful, ids: [first!, ...others].map(({ id }) => nameIn(id)) };
  });
  return { groups, routine: resources.length - told.length };
}

/** Both of each pair: the one that comes, and the one that it takes the place of. */
function exchanged(resources: readonly ResourcePlan[]): ResourcePlan[] {
  const some = resources.filter(({ type }) => EXCHANGED.has(type));
  const bySlot = Map.groupBy(some, ({ type, id }) => `${type} ${slotIn(id)}`);
  return [...bySlot.values()].filter((both) => isPair(both)).flat();
}

function isPair(both: readonly ResourcePlan[]): boolean {
  const changes = both.map(({ change }) => change).sort();
  return changes.length === 2 && changes[0] === 'add' && changes[1] !== 'add';
}

function isPointer({ type, change, properties }: ResourcePlan): boolean {
  return change === 'update' && properties.length === 1 && properties[0] === POINTERS[type];
}

/** Of a version and a deployment, without the hash of what is in it: 8 and 32 digits of the CDK, or 8 of ours. */
const slotIn = (id: string): string => id.replace(/[0-9a-f]{32}$/, '').replace(/[0-9A-F]{8}$/, '');

/** Without the hash of its path that the CDK puts behind it. */
const nameIn = (id: string): string => id.replace(/(?<=.)[0-9A-F]{8}$/, '');
