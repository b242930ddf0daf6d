import type { Failure, ResourceOutcome } from '#core/outcome.ts';
import type { OperationContext } from '../contract.ts';
import type { Place } from '../shared/place.ts';
import type { InstancesAtPlace } from '../shared/find-instances.ts';

/** One command, sent to at most 50 instances. `open`: those that have not ended. */
export type CommandChunk = {
  readonly place: Place;
  readonly commandId: string;
  /** Ms since 1970. */
  readonly sentAt: number;
  readonly open: readonly string[];
};

/** One script between polls. `unsent`: instances that no command has gone to yet. */
export type ScriptRun = {
  readonly name: string;
  readonly status: 'pending' | 'running' | 'completed' | 'failed';
  /** Ms since 1970. */
  readonly startedAt: number;
  readonly unsent: readonly InstancesAtPlace[];
  readonly chunks: readonly CommandChunk[];
  readonly succeeded: number;
  readonly failed: number;
  readonly detail: string;
};

export type ScriptsState = { readonly scripts: readonly ScriptRun[] };

/** What an attempt has announced. For a command: when. For a function: also what it answered. */
export type ScriptNote = {
  /** Ms since 1970; 0 when AWS has clearly refused. */
  readonly at: number;
  readonly tries?: number;
  readonly answer?: { readonly error: string | null; readonly output: string; readonly truncated: boolean };
};

/** A step of one script: its new state, the outcomes that changed, and when to come again (`null`: it has ended). */
export interface ScriptStep {
  readonly run: ScriptRun;
  readonly outcomes: readonly ResourceOutcome[];
  readonly waitMs: number | null;
}

/** Instances of all scripts together, at most: their ids have to fit into a state of 64 KiB. */
export const MOST_TARGETS = 2_000;

export const OUTPUT_CHARACTERS = 2_000;

/** True if a retry has to do with this script: it failed as a whole, or on some instance. */
export function isDue({ only }: OperationContext, name: string): boolean {
  return only === null || only.some((id) => id === name || id.startsWith(resourceIdOf(name, '')));
}

/** On a retry: the instances on which the script failed before, or all if it failed as a whole. */
export function onlyDue(
  { only }: OperationContext,
  name: string,
  found: readonly InstancesAtPlace[],
): InstancesAtPlace[] {
  if (only === null || only.includes(name)) return [...found];
  return found
    .map(({ place, ids }) => ({ place, ids: ids.filter((id) => only.includes(resourceIdOf(name, id))) }))
    .filter(({ ids }) => ids.length > 0);
}

/** The resource id of a script on an instance. */
export function resourceIdOf(script: string, instanceId: string): string {
  return `${script}@${instanceId}`;
}

/** The script fails as a whole. Where it was still running, nobody looks any more, and the outcomes say so. */
export function failRun(run: ScriptRun, failure: Failure, now: number): ScriptStep {
  const open = run.chunks.flatMap((chunk) => chunk.open).map((id) => resourceIdOf(run.name, id));
  const ended = { status: 'failed', completedAt: new Date(now).toISOString(), error: failure } as const;
  return {
    run: {
      ...run,
      status: 'failed',
      failed: run.failed + Math.max(1, open.length),
      unsent: [],
      chunks: run.chunks.map((chunk) => ({ ...chunk, open: [] })),
      detail: failure.message,
    },
    outcomes: [run.name, ...open].map((resourceId) => ({ resourceId, detail: failure.message, ...ended })),
    waitMs: null,
  };
}
