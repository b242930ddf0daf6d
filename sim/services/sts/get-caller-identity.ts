import type { Call } from '#sim/kernel/contract.ts';
import { randomOf } from '#sim/kernel/random.ts';

export function getCallerIdentity(call: Call) {
  return { Account: call.accountId, Arn: call.principal, UserId: userIdOf(call.principal) };
}

/** The unique id of a principal: `AIDA…` for a user, `AROA…:session` for a session of a role. */
export function userIdOf(principal: string): string {
  const [kind, name, session] = principal.slice(principal.lastIndexOf(':') + 1).split('/');
  const digits = randomOf(0, `${principal.split(':')[4]}/${kind}/${name}`)
    .hex(17)
    .toUpperCase();
  return session === undefined ? `AIDA${digits}` : `AROA${digits}:${session}`;
}
