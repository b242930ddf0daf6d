import type { JsonObject } from '#core/json.ts';
import type { RecoveredServer } from '#core/outcome.ts';
import type { Simulation } from '#sim/index.ts';
import { jobs, recoveryInstances } from '#sim/services/drs/rows.ts';
import type { Operation, OperationContext, OperationInput, Progress } from '../contract.ts';
import { ACCOUNT, type OperationCase } from '../testing/operation-case.ts';
import { recovery } from './recovery.ts';
import { terminate } from './terminate.ts';

const at = ({ world }: Simulation) => ({ world, accountId: ACCOUNT, region: 'us-west-2' });

type DrillState = { readonly recovered: readonly JsonObject[] | null; readonly inner: JsonObject | null };

/** Launches servers and terminates them again, as a drill does: no estate begins with recovery instances. */
const drill: Operation = {
  ...(terminate as unknown as Operation),
  resources: recovery.resources,
  parameters: recovery.parameters,
  start: (context, input) => step(context, input, { recovered: null, inner: null }),
  poll: (context, input, state) => step(context, input, state as unknown as DrillState),
};

async function step(
  context: OperationContext,
  input: OperationInput<unknown, unknown>,
  { recovered, inner }: DrillState,
): Promise<Progress<JsonObject>> {
  const operation = (recovered === null ? recovery : terminate) as unknown as Operation;
  const own = partOf(context, recovered);
  const given =
    recovered === null ? input : { resources: { recoveredInThisExecution: true }, parameters: {} };
  const progress = await (inner === null ? operation.start(own, given) : operation.poll(own, given, inner));
  if (progress.status === 'in_progress') return { ...progress, state: { recovered, inner: progress.state } };
  if (recovered !== null || progress.status === 'failed') return progress;
  const launched = progress.outcomes.flatMap(({ result }) => result ?? []);
  return { status: 'in_progress', state: { recovered: launched, inner: null }, waitMs: 1_000, outcomes: [] };
}

/** The two halves are two pieces of work: each has its place in the plan and its notes. */
function partOf(context: OperationContext, recovered: readonly JsonObject[] | null): OperationContext {
  const half = recovered === null ? 'launch' : 'terminate';
  return {
    ...context,
    waveNumber: recovered === null ? 1 : 2,
    recoveredServers: async () => (recovered ?? []) as unknown as RecoveredServer[],
    intent: {
      read: async () => ((await context.intent.read())?.[half] as JsonObject | undefined) ?? null,
      write: async (value) => context.intent.write({ ...(await context.intent.read()), [half]: value }),
    },
  };
}

export const cases: OperationCase[] = [
  {
    name: 'what a drill has launched is terminated in one job',
    operation: drill,
    estate: {
      regions: {
        'us-west-2': {
          drs: {
            timing: { scale: 0.1, sigma: 0, terminateSeconds: [300, 300] },
            generate: { count: 2, tags: { Tier: 'app' } },
          },
        },
      },
    },
    resources: { tags: { Tier: 'app' } },
    context: { mode: 'drill' },
    countEffects: (simulation) => jobs(at(simulation)).size,
    effects: 2,
    isDone: (simulation) => recoveryInstances(at(simulation)).size === 0,
  },
];
