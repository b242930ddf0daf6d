import { describe, expect, test } from 'vitest';
import {
  approvalFor,
  compareResources,
  describeDifference,
  isSatisfied,
  rebind,
  refusalOf,
  roleRefusalOf,
  withApproval,
  type Approver,
} from './approval.ts';
import { Approval } from './plan.ts';
import type { Principal } from './permissions.ts';
import type { GateApproval, ResolvedTechnology } from './records.ts';

const ben: Principal = { id: 'oidc:ben', kind: 'oidc', name: 'Ben', roles: ['RecoveryManager'] };
const given = {
  by: 'oidc:ben',
  name: 'Ben',
  roles: ['RecoveryManager'],
  at: '2026-01-07T10:00:00.000Z',
} as const;
const servers: ResolvedTechnology = {
  waveNumber: 1,
  technologyIndex: 0,
  technology: 'servers',
  resources: ['s-1', 's-2'],
};

function gateOf(over: Partial<GateApproval> = {}): GateApproval {
  return {
    required: 2,
    roles: ['RecoveryManager', 'Admin'],
    changeTicket: 'optional',
    planHash: 'p1',
    resourcesHash: 'r1',
    resources: [servers],
    approvals: [],
    lapsed: [],
    ...over,
  };
}

test('an approval is asked for only in the modes that the plan names', () => {
  const approval = Approval.parse({ required: 1 });
  expect(approvalFor(approval, 'recovery')).toBe(approval);
  expect(approvalFor(approval, 'drill')).toBeNull();
  expect(approvalFor(undefined, 'recovery')).toBeNull();
});

describe('who counts', () => {
  /** Tokens called `x/1`, `x/2` … go back to one person, `x`. */
  const by = (initiatedBy: string) => ({ initiatedBy, personOf: (id: string) => id.split('/')[0]! });
  const token: Approver = { ...ben, id: 'oidc:ben/1', name: 'Ben at night' };
  test('one who has a named role, did not start it and has not approved yet', () => {
    expect(refusalOf(gateOf(), ben, by('ana'))).toBeNull();
  });

  test.each<{ name: string; approver?: Approver; initiatedBy: string; gate: GateApproval; why: string }>([
    {
      name: 'the starter',
      initiatedBy: 'oidc:ben',
      gate: gateOf(),
      why: 'Ben has started the execution, and who starts does not count',
    },
    {
      name: 'one who has approved',
      initiatedBy: 'ana',
      gate: gateOf({ approvals: [given] }),
      why: 'Ben has approved already, and nobody counts twice',
    },
    {
      name: 'one without the role',
      initiatedBy: 'ana',
      gate: gateOf({ roles: ['Admin'] }),
      why: 'Ben has none of the roles that count here: Admin',
    },
    {
      name: 'one whose token was issued by the starter',
      approver: token,
      initiatedBy: 'oidc:ben',
      gate: gateOf(),
      why: 'Ben at night counts as the same person as oidc:ben, who has started the execution, and who starts does not count',
    },
    {
      name: 'one who has approved by another token',
      initiatedBy: 'ana',
      gate: gateOf({ approvals: [{ ...given, by: token.id }] }),
      why: 'Ben counts as the same person as oidc:ben/1, who has approved already, and nobody counts twice',
    },
    {
      name: 'one who has made the link by which another has approved',
      initiatedBy: 'ana',
      gate: gateOf({ approvals: [{ ...given, by: 'oidc:carl', linkMadeBy: 'oidc:ben/2' }] }),
      why: 'Ben counts as the same person as oidc:ben/2, who has made the link of an approval already, and nobody counts twice',
    },
    {
      name: 'one with a link of the starter',
      approver: { ...ben, linkMadeBy: 'ana' },
      initiatedBy: 'ana',
      gate: gateOf(),
      why: 'ana, whose link it is, has started the execution, and who starts does not count',
    },
    {
      name: 'one with a link of one who has approved',
      approver: { ...ben, linkMadeBy: 'oidc:carl/1' },
      initiatedBy: 'ana',
      gate: gateOf({ approvals: [{ ...given, by: 'oidc:carl' }] }),
      why: 'oidc:carl/1, whose link it is, counts as the same person as oidc:carl, who has approved already, and nobody counts twice',
    },
  ])('$name does not', ({ approver = ben, initiatedBy, gate, why }) => {
    expect(refusalOf(gate, approver, by(initiatedBy))).toBe(why);
  });

  test('one with a link that they have made themselves', () => {
    expect(refusalOf(gateOf(), { ...ben, linkMadeBy: ben.id }, by('ana'))).toBeNull();
  });

  test('one whose approval has lapsed counts again', () => {
    expect(refusalOf(gateOf({ lapsed: [given] }), ben, by('ana'))).toBeNull();
  });

  test('the role alone decides who may reject', () => {
    expect(roleRefusalOf(['Admin'], ben)).toBe('Ben has none of the roles that count here: Admin');
    expect(roleRefusalOf(['RecoveryManager'], ben)).toBeNull();
  });
});

test('a gate is satisfied when so many have agreed as the plan asks for', () => {
  const one = withApproval(gateOf(), given);
  expect(isSatisfied(one)).toBe(false);
  expect(isSatisfied(withApproval(one, { ...given, by: 'carl' }))).toBe(true);
});

describe('what an approval is bound to', () => {
  const same = { planHash: 'p1', resourcesHash: 'r1', resources: [servers] };

  test('the same plan and the same resources leave the gate as it is', () => {
    expect(rebind(gateOf(), same)).toBeNull();
  });

  test('other resources make earlier approvals lapse, and the difference is on the gate', () => {
    const resources = [{ ...servers, resources: ['s-2', 's-3'] }];
    expect(rebind(gateOf({ approvals: [given] }), { ...same, resourcesHash: 'r2', resources })).toEqual({
      ...gateOf(),
      resourcesHash: 'r2',
      resources,
      approvals: [],
      lapsed: [given],
      difference: {
        planChanged: false,
        resources: [{ waveNumber: 1, technology: 'servers', added: ['s-3'], removed: ['s-1'] }],
      },
    });
  });

  test('another plan does so too', () => {
    expect(rebind(gateOf({ approvals: [given] }), { ...same, planHash: 'p2' })).toMatchObject({
      planHash: 'p2',
      approvals: [],
      difference: { planChanged: true, resources: [] },
    });
  });

  test('a technology that is there only before or only after is all removed or all added', () => {
    const other = { ...servers, technologyIndex: 1, technology: 'dns', resources: ['a.example.'] };
    expect(compareResources([servers], [other])).toEqual([
      { waveNumber: 1, technology: 'servers', added: [], removed: ['s-1', 's-2'] },
      { waveNumber: 1, technology: 'dns', added: ['a.example.'], removed: [] },
    ]);
  });

  test('what was added and what was removed of one technology stand together', () => {
    const resources = [{ waveNumber: 1, technology: 'servers', added: ['s-3'], removed: ['s-1', 's-2'] }];
    expect(describeDifference({ planChanged: false, resources })).toBe(
      'wave 1, servers: added s-3, removed s-1, s-2',
    );
  });

  test('a difference is said in words, and no more than ten ids of it', () => {
    const added = Array.from({ length: 12 }, (_, i) => `s-${i}`);
    expect(
      describeDifference({
        planChanged: true,
        resources: [
          { waveNumber: 1, technology: 'servers', added, removed: [] },
          { waveNumber: 2, technology: 'dns', added: [], removed: ['a.example.'] },
        ],
      }),
    ).toBe(
      'the plan has changed; wave 1, servers: added s-0, s-1, s-2, s-3, s-4, s-5, s-6, s-7, s-8, s-9 and 2 more; wave 2, dns: removed a.example.',
    );
  });
});
