import type { Approval } from './plan.ts';
import type { Principal } from './permissions.ts';
import type { GateApproval, ResolvedTechnology } from './records.ts';
import type { ApprovalDifference, ApprovalGiven, ApprovalState, ExecutionMode } from './view.ts';

/** The rules of approvals: pure decisions over a gate's record. */

/** The approval that is asked for in an execution of this mode, if any. */
export function approvalFor(approval: Approval | undefined, mode: ExecutionMode): Approval | null {
  return approval?.modes.includes(mode) ? approval : null;
}

/** Who answers for a principal, by its id: themselves, or whoever issued their token. */
export type PersonOf = (id: string) => string;

/** One who would approve; `linkMadeBy`: by a link that this principal has made, who could use it themselves. */
export type Approver = Pick<Principal, 'id' | 'name' | 'roles'> & {
  readonly linkMadeBy?: string | undefined;
};

/** The ids of those who have a hand in an approval: who gives it, and who made the link by which it is given. */
export function handsIn(given: Pick<ApprovalGiven, 'by' | 'linkMadeBy'>): string[] {
  return [...new Set([given.by, given.linkMadeBy ?? given.by])];
}

/**
 * Why this principal's approval would not count; `null` if it would. Separation of duties: the starter does not count, nobody
 * counts twice, and only the named roles count. Persons are told apart, not principals: who has a hand in two approvals, or in the
 * start and in an approval, is one.
 */
export function refusalOf(
  { approvals, roles }: Pick<ApprovalState, 'approvals' | 'roles'>,
  { id, name, roles: held, linkMadeBy }: Approver,
  { initiatedBy, personOf }: { readonly initiatedBy: string; readonly personOf: PersonOf },
): string | null {
  for (const hand of handsIn({ by: id, ...(linkMadeBy === undefined ? {} : { linkMadeBy }) })) {
    const who = hand === id ? name : `${hand}, whose link it is,`;
    const whoIs = (other: string): string =>
      other === hand ? who : `${who} counts as the same person as ${other}, who`;
    const isSame = (other: string): boolean => personOf(other) === personOf(hand);
    if (isSame(initiatedBy))
      return `${whoIs(initiatedBy)} has started the execution, and who starts does not count`;
    const earlier = approvals.flatMap(handsIn).find(isSame);
    if (earlier !== undefined) {
      const act = approvals.some(({ by }) => by === earlier) ? 'approved' : 'made the link of an approval';
      return `${whoIs(earlier)} has ${act} already, and nobody counts twice`;
    }
  }
  return roleRefusalOf(roles, { name, roles: held });
}

/** Why this principal can neither approve nor reject, by their roles. */
export function roleRefusalOf(
  roles: ApprovalState['roles'],
  { name, roles: held }: Pick<Principal, 'name' | 'roles'>,
): string | null {
  if (roles.some((role) => held.includes(role))) return null;
  return `${name} has none of the roles that count here: ${roles.join(', ')}`;
}

/** True if so many have agreed as the plan asks for. */
export function isSatisfied({ approvals, required }: Pick<ApprovalState, 'approvals' | 'required'>): boolean {
  return approvals.length >= required;
}

/** The gate with one more approval. */
export function withApproval(approval: GateApproval, given: ApprovalGiven): GateApproval {
  return { ...approval, approvals: [...approval.approvals, given] };
}

/** What there is to approve: the frozen plan, and what its references resolve to. */
export interface Subject {
  readonly planHash: string;
  readonly resourcesHash: string;
  readonly resources: readonly ResolvedTechnology[];
}

/** The gate bound to another subject: what was approved before does not count. `null` if it is bound to this one. */
export function rebind(
  approval: GateApproval,
  subject: Subject,
): (GateApproval & { readonly difference: ApprovalDifference }) | null {
  const planChanged = approval.planHash !== subject.planHash;
  if (!planChanged && approval.resourcesHash === subject.resourcesHash) return null;
  return {
    ...approval,
    ...subject,
    approvals: [],
    lapsed: [...approval.lapsed, ...approval.approvals],
    difference: { planChanged, resources: compareResources(approval.resources, subject.resources) },
  };
}

/** Added and removed ids by technology; only of those that differ. */
export function compareResources(
  before: readonly ResolvedTechnology[],
  after: readonly ResolvedTechnology[],
): ApprovalDifference['resources'] {
  const [was, is] = [byPlace(before), byPlace(after)];
  return [...new Map([...was, ...is])].flatMap(([place, { waveNumber, technology }]) => {
    const [old, now] = [was.get(place)?.resources ?? [], is.get(place)?.resources ?? []];
    const [added, removed] = [without(now, old), without(old, now)];
    return added.length + removed.length === 0 ? [] : [{ waveNumber, technology, added, removed }];
  });
}

/** A difference in words. */
export function describeDifference({ planChanged, resources }: ApprovalDifference): string {
  const parts = resources.map(({ waveNumber, technology, added, removed }) => {
    const changes = [
      ...(added.length === 0 ? [] : [`added ${listSome(added)}`]),
      ...(removed.length === 0 ? [] : [`removed ${listSome(removed)}`]),
    ];
    return `wave ${waveNumber}, ${technology}: ${changes.join(', ')}`;
  });
  return [...(planChanged ? ['the plan has changed'] : []), ...parts].join('; ');
}

const MOST_NAMED = 10;

function listSome(ids: readonly string[]): string {
  const more = ids.length > MOST_NAMED ? ` and ${ids.length - MOST_NAMED} more` : '';
  return `${ids.slice(0, MOST_NAMED).join(', ')}${more}`;
}

function byPlace(technologies: readonly ResolvedTechnology[]): Map<string, ResolvedTechnology> {
  return new Map(technologies.map((one) => [`${one.waveNumber}/${one.technologyIndex}`, one]));
}

function without(ids: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return ids.filter((id) => !known.has(id));
}
