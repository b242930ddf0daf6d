import { expect, test } from 'vitest';
import { isAllowed, PERMISSIONS, ROLE_PERMISSIONS, type Principal, type Role } from './permissions.ts';

const withRoles = (...roles: Role[]): Principal => ({ id: 'token:x', kind: 'token', name: 'x', roles });

test('Admin has every permission', () => {
  expect([...ROLE_PERMISSIONS.Admin].toSorted()).toEqual([...PERMISSIONS].toSorted());
});

test('an Operator may start a drill but no recovery, and may not terminate instances', () => {
  const operator = withRoles('Operator');
  expect(isAllowed(operator, 'execution:start-drill')).toBe(true);
  expect(isAllowed(operator, 'execution:start-recovery')).toBe(false);
  expect(isAllowed(operator, 'execution:terminate')).toBe(false);
});

test('ReadOnly has nothing but read permissions, and not the audit trail', () => {
  const names = [...ROLE_PERMISSIONS.ReadOnly];
  expect(names.filter((name) => !name.endsWith(':read'))).toEqual([]);
  expect(names).not.toContain('audit:read');
});

test('the permissions of several roles add up; without a role there are none', () => {
  expect(isAllowed(withRoles('PlanManager', 'Operator'), 'execution:start-drill')).toBe(true);
  expect(isAllowed(withRoles('PlanManager'), 'execution:start-drill')).toBe(false);
  expect(isAllowed(withRoles(), 'execution:read')).toBe(false);
});
