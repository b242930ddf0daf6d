import type { ResourceStatus } from '#core/outcome.ts';
import { hasEnded } from '#core/states.ts';
import type { ExecutionView, GateView, TechnologyView } from '#core/view.ts';

/** One resource of a technology, heard of or not. */
export interface ResourceLine {
  readonly resourceId: string;
  /** What people call it: its name, else its id. */
  readonly name: string;
  readonly status: ResourceStatus;
  readonly detail: string;
}

/** Every resource of a technology, by name where people have named them; those without an outcome are pending. */
export function resourceLines(technology: TechnologyView): ResourceLine[] {
  const outcomes = new Map(technology.outcomes.map((outcome) => [outcome.resourceId, outcome]));
  const ids = [...new Set([...technology.resources, ...outcomes.keys()])];
  const lines = ids.map((resourceId) => {
    const outcome = outcomes.get(resourceId);
    const detail = outcome?.error?.message ?? outcome?.detail ?? '';
    const name = technology.names[resourceId] ?? resourceId;
    return { resourceId, name, status: outcome?.status ?? 'pending', detail };
  });
  if (Object.keys(technology.names).length === 0) return lines;
  return lines.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

/** How many resources have each status. */
export function countStatuses(resources: readonly ResourceLine[]): ReadonlyMap<ResourceStatus, number> {
  const counts = new Map<ResourceStatus, number>();
  for (const { status } of resources) counts.set(status, (counts.get(status) ?? 0) + 1);
  return counts;
}

const GOOD: ReadonlySet<ResourceStatus> = new Set(['completed', 'assessed']);

/** How many resources are recovered (in a drill: or found fit), how many failed, of how many. */
export function progressOf(resources: readonly ResourceLine[]): {
  done: number;
  failed: number;
  total: number;
} {
  return {
    done: resources.filter(({ status }) => GOOD.has(status)).length,
    failed: resources.filter(({ status }) => status === 'failed').length,
    total: resources.length,
  };
}

/** Gates at which a person can do something now. */
export function openGates(view: Pick<ExecutionView, 'gates' | 'status'>): GateView[] {
  if (hasEnded(view.status)) return [];
  return view.gates.filter((gate) => gate.status === 'open' && gate.actions.length > 0);
}

/** Ms since the start; until the end, when it has ended. `null` before the start. */
export function elapsedMs(
  span: { readonly startedAt?: string; readonly completedAt?: string },
  now: number,
): number | null {
  if (span.startedAt === undefined) return null;
  const until = span.completedAt === undefined ? now : Date.parse(span.completedAt);
  return Math.max(0, until - Date.parse(span.startedAt));
}

/** What a technology is called in one line: its own name, else `drs recovery`. */
export function technologyName(technology: Pick<TechnologyView, 'name' | 'type' | 'operation'>): string {
  return technology.name ?? `${technology.type} ${technology.operation.replaceAll('_', ' ')}`;
}
