import { BreakwaterError } from '#core/errors.ts';
import type { Operation } from './contract.ts';
import { RIGHTS, type Right } from './rights.ts';

/** A statement that allows something, as IAM has it. */
export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: NonNullable<Right['conditions']>;
}

/** Where the rights are to be held: `aws` and twelve digits, or what stands for them in a template. */
export interface PolicyPlace {
  readonly partition: string;
  readonly accountId: string;
}

/** All that an operation needs: for its own calls, and for what AWS does in its name. Sorted, each once. */
export function neededActions(operations: readonly Operation[]): string[] {
  const actions = operations.flatMap(({ iamActions, dependentActions = [] }) => [
    ...iamActions,
    ...dependentActions.flatMap((dependent) => dependent.actions),
  ]);
  return [...new Set(actions)].sort();
}

/** What `assess` may call: reads, of the operation's own calls. */
export function assessActions(operations: readonly Operation[]): string[] {
  const calls = operations.flatMap(({ iamActions }) => iamActions);
  return [...new Set(calls)].filter((action) => /:(Describe|Get|List)/.test(action)).sort();
}

/** The policy that allows these actions and nothing else, by `RIGHTS`. An action that has no row there is a `Bug`. */
export function policyStatements(actions: readonly string[], place: PolicyPlace): PolicyStatement[] {
  const known = new Set(RIGHTS.flatMap((right) => right.actions));
  const unknown = actions.filter((action) => !known.has(action));
  if (unknown.length > 0)
    throw new BreakwaterError('Bug', `src/adapters/rights.ts has no row for ${unknown.join(', ')}`);
  const wanted = new Set(actions);
  const rights = RIGHTS.map((right) => ({
    ...right,
    actions: right.actions.filter((action) => wanted.has(action)),
  }));
  return statementsOfRights(
    rights.filter((right) => right.actions.length > 0),
    place,
  );
}

/** The policy that allows all of these rights. */
export function statementsOfRights(
  rights: readonly Right[],
  { partition, accountId }: PolicyPlace,
): PolicyStatement[] {
  const toArn = (tail: string): string => `arn:${partition}:${tail.replace('ACCOUNT', accountId)}`;
  return rights.map(({ id, actions, on, conditions }) => ({
    Sid: id,
    Effect: 'Allow',
    Action: actions,
    Resource: on === 'everything' ? ['*'] : on.map(toArn),
    ...(conditions === undefined ? {} : { Condition: conditions }),
  }));
}
