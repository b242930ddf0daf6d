import { isBreakwaterError, messageOf } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import type { Failure, ResourceOutcome } from '#core/outcome.ts';
import type { OperationContext, Progress } from '../contract.ts';
import { failureOf } from './aws-failure.ts';

/** How far one resource is. `result` is kept in its outcome. */
export type ItemProgress =
  | { readonly status: 'in_progress'; readonly waitMs: number; readonly detail: string }
  | { readonly status: 'completed'; readonly detail: string; readonly result: JsonObject }
  | { readonly status: 'failed'; readonly error: Failure; readonly result?: JsonObject };

/** One resource between polls. */
export type Item = {
  readonly id: string;
  readonly status: 'pending' | 'in_progress' | 'completed' | 'failed';
  readonly startedAt: string;
  readonly detail: string;
  readonly result: JsonObject;
};

export type ItemsState = { readonly items: readonly Item[] };

/** The state in which nothing has been done yet. On a retry, only what failed before is worked on. */
export function openItems(context: OperationContext, ids: readonly string[]): ItemsState {
  const startedAt = new Date(context.now()).toISOString();
  return {
    items: [...new Set(ids)]
      .filter((id) => context.only === null || context.only.includes(id))
      .map((id) => ({ id, status: 'pending', startedAt, detail: '', result: {} })),
  };
}

/**
 * Takes one step with every resource that has not ended, side by side. Trouble with one that may pass does not hold up the others; if
 * nothing moves for it, it is thrown, so that the workflow comes again later.
 */
export async function stepItems(
  context: OperationContext,
  state: ItemsState,
  work: {
    readonly step: (id: string) => Promise<ItemProgress>;
    /** The operation's `results`, from the items as they ended. */
    readonly results: (items: readonly Item[]) => JsonObject;
  },
): Promise<Progress<ItemsState>> {
  if (state.items.length === 0) return refuseNothing();
  const steps = await Promise.all(state.items.map((item) => stepOne(context, item, work.step)));
  const items = steps.map(({ item }) => item);
  const outcomes = steps.flatMap(({ outcome }) => outcome ?? []);
  const open = steps.filter(({ waitMs }) => waitMs !== null);
  const stuck = open.filter(({ error }) => error !== undefined);
  if (stuck.length > 0 && stuck.length === open.length && outcomes.length === 0) throw stuck[0]!.error;
  if (open.length > 0) {
    return {
      status: 'in_progress',
      state: { items },
      waitMs: Math.min(...open.map(({ waitMs }) => waitMs!)),
      outcomes,
      detail: describe(items),
    };
  }
  const failed = items.filter(({ status }) => status === 'failed');
  const results = work.results(items);
  if (failed.length === 0) return { status: 'completed', outcomes, results };
  const message = failed.map(({ id, detail }) => `${id}: ${detail}`).join('; ');
  return { status: 'failed', outcomes, results, error: { code: 'RecoveryFailed', message } };
}

interface ItemStep {
  readonly item: Item;
  /** `null`: it has ended. */
  readonly waitMs: number | null;
  readonly outcome?: ResourceOutcome;
  readonly error?: unknown;
}

const TROUBLE_WAIT_MS = 15_000;

async function stepOne(
  context: OperationContext,
  item: Item,
  step: (id: string) => Promise<ItemProgress>,
): Promise<ItemStep> {
  if (item.status === 'completed' || item.status === 'failed') return { item, waitMs: null };
  try {
    return moved(context, item, await step(item.id));
  } catch (error) {
    if (!isBreakwaterError(error) || error.retry === 'bug') throw error;
    if (error.retry === 'terminal')
      return moved(context, item, { status: 'failed', error: failureOf(error) });
    return { item: { ...item, detail: messageOf(error) }, waitMs: TROUBLE_WAIT_MS, error };
  }
}

function moved(context: OperationContext, before: Item, progress: ItemProgress): ItemStep {
  const detail = progress.status === 'failed' ? progress.error.message : progress.detail;
  const result = progress.status === 'in_progress' ? {} : (progress.result ?? {});
  const item: Item = { ...before, status: progress.status, detail, result };
  if (progress.status === 'in_progress' && before.status === 'in_progress' && before.detail === detail)
    return { item, waitMs: progress.waitMs };
  const outcome: ResourceOutcome = {
    resourceId: item.id,
    status: item.status,
    startedAt: item.startedAt,
    detail,
    ...(progress.status === 'in_progress'
      ? {}
      : { completedAt: new Date(context.now()).toISOString(), result }),
    ...(progress.status === 'failed' ? { error: progress.error } : {}),
  };
  return { item, waitMs: progress.status === 'in_progress' ? progress.waitMs : null, outcome };
}

function describe(items: readonly Item[]): string {
  const open = items.filter(({ status }) => status === 'pending' || status === 'in_progress');
  const ended = items.length - open.length;
  const first = `${open[0]!.id}: ${open[0]!.detail}`;
  return items.length === 1 ? open[0]!.detail : `${ended} of ${items.length} done; ${first}`;
}

function refuseNothing(): Progress<ItemsState> {
  const message = 'the resources name nothing to work on';
  return { status: 'failed', outcomes: [], results: {}, error: { code: 'ResourceUnresolved', message } };
}
