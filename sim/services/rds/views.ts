import { randomOf } from '#sim/kernel/random.ts';
import type { Scoped } from './rows.ts';

/** `ledger.cluster` becomes `ledger.cluster-c0ffee….eu-west-1.rds.amazonaws.com`; the middle belongs to account and Region. */
export function hostOf(scope: Scoped, name: string): string {
  const suffix = randomOf(scope.world.seed, `rds.host/${scope.accountId}/${scope.region}`).hex(12);
  const separator = name.includes('.') ? '-' : '.';
  return `${name}${separator}${suffix}.${scope.region}.rds.amazonaws.com`;
}

export function tagList(tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** The writer endpoint of a global cluster, which follows the primary. */
export function globalHostOf(scope: Scoped, id: string): string {
  return `${id}.global-${randomOf(scope.world.seed, `rds.host/${scope.accountId}/global`).hex(12)}.global.rds.amazonaws.com`;
}
