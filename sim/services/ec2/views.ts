import { randomOf } from '#sim/kernel/random.ts';
import type { InstanceRow, InstanceState } from './rows.ts';

export const STATE_CODES: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export function stateShape(state: InstanceState): { Code: number; Name: InstanceState } {
  return { Code: STATE_CODES[state], Name: state };
}

export function tagList(tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** Derived from the instance: EC2 keeps no reservations here. */
export function reservationIdOf({ id }: InstanceRow): string {
  return `r-${randomOf(0, id).hex(17)}`;
}
