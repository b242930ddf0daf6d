import type { Principal } from '#core/permissions.ts';
import type { GateAction } from '#core/view.ts';

/**
 * Who approves at this terminal; nothing for acts that count by nobody. Whoever can open the data directory can do everything with
 * it, so all roles are theirs; as the starter of an execution they still do not count as its approver.
 */
export function localPrincipal(action: GateAction, user: string): { principal?: Principal } {
  if (action !== 'approve' && action !== 'reject') return {};
  return { principal: { id: user, kind: 'local', name: user, roles: ['Admin', 'RecoveryManager'] } };
}
