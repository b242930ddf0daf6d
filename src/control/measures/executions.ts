import type { GateRecord } from '#core/records.ts';
import { GATE_ACTIONS, type GateKind } from '#core/view.ts';
import { eachAtOnce } from '#store/at-once.ts';
import type { PlaneDeps } from '../plane-deps.ts';

/** Open gates of one kind. */
interface GateMeasure {
  readonly open: number;
  /** Of the one that has been open longest; 0 when none is. */
  readonly oldestSeconds: number;
}

/** What runs at this moment. */
export interface ExecutionMeasures {
  /** Executions that have not ended. */
  readonly running: number;
  /** Those of them that have an open gate for a person. */
  readonly waitingForPeople: number;
  readonly gates: Readonly<Record<GateKind, GateMeasure>>;
}

/** A gate of dependencies opens by itself. */
const isForPeople = ({ kind }: GateRecord): boolean => kind !== 'dependencies';

const READS_AT_ONCE = 50;

/** Reads it from the records. */
export async function measureExecutions({
  services,
}: Pick<PlaneDeps, 'services'>): Promise<ExecutionMeasures> {
  const { executions } = services;
  const heads = await executions.unfinished();
  const open: GateRecord[] = [];
  let waitingForPeople = 0;
  await eachAtOnce(heads, { most: READS_AT_ONCE }, async ({ executionId }) => {
    const gates = (await executions.gates(executionId)).filter(({ status }) => status === 'open');
    if (gates.some(isForPeople)) waitingForPeople++;
    open.push(...gates);
  });
  const now = services.now();
  const ofKind = (kind: GateKind): GateMeasure => {
    const some = open.filter((gate) => gate.kind === kind);
    const ages = some.map(({ openedAt }) => Math.max(0, now - Date.parse(openedAt)));
    return { open: some.length, oldestSeconds: Math.round(Math.max(0, ...ages) / 1_000) };
  };
  const kinds = Object.keys(GATE_ACTIONS) as GateKind[];
  return {
    running: heads.length,
    waitingForPeople,
    gates: Object.fromEntries(kinds.map((kind) => [kind, ofKind(kind)])) as Record<GateKind, GateMeasure>,
  };
}
