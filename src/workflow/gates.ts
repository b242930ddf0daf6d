import type { Json } from '#core/json.ts';
import { countApprovalGate, labelOf, gateVerdict } from '#core/progress.ts';
import type { GateApproval, GateRecord, GateResolution, WaveRecord } from '#core/records.ts';
import { hasEnded } from '#core/states.ts';
import type { Change } from '#store/execution-change.ts';
import { prepareApproval } from './approval-gate.ts';
import { GateMessage } from './inputs.ts';
import { GATE_TIMEOUT_SECONDS, type Services } from './services.ts';
import { move } from './wave-changes.ts';

/**
 * The pause/resume manager. A gate is a task of the state machine that waits for its token; here the token is stored
 * with the gate, and the gate opens when its reason is gone.
 *
 * Invariants:
 * 1. storing a gate and looking whether it may open at once is one conditional write; whoever takes a reason away writes
 *    that first and looks for gates afterwards. Changes of one execution are serial, so one of the two sees the other
 *    and no wake-up is lost;
 * 2. the record is closed before the state machine goes on. A process that dies between any two of these steps makes
 *    up for it at start (`sweepGates`), and a token completes at most once;
 * 3. a gate is closed at most once;
 * 4. an execution that says that it waits for a person has a gate at which one can act: the head changes with the gate. A pause that
 *    were said before would be resumed by whoever is quick, and hold all the same;
 * 5. a state machine that was lost, with its Region for one, and begins anew from the records, comes to the gates of the one before:
 *    what is open there waits on for it, and an approval or a resume that was given stands. The gate keeps all their tokens, and all
 *    are completed: a message of the one before may come again, or late, and must not leave the new one waiting.
 */
export async function receiveGate(services: Services, message: Json): Promise<void> {
  const parsed = GateMessage.parse(message);
  const { executionId, waveNumber, kind } = parsed;
  const asked = kind === 'approval' ? await prepareApproval(services, executionId, waveNumber) : undefined;
  const gate = await services.executions.change(executionId, async (change) => {
    if (hasEnded(change.head().status)) return null;
    const gates = await change.gates(waveNumber);
    const known = gates.find((one) => tokensOf(one).includes(parsed.taskToken));
    if (known !== undefined) return known;
    const before = gates.find((one) => one.kind === kind && standsFor(one));
    if (before === undefined) return openOrPass(change, parsed, { asked, now: services.now() });
    const taken = { ...before, taskToken: parsed.taskToken, earlierTokens: tokensOf(before) };
    change.putGate(taken);
    return taken;
  });
  if (gate !== null) await passOn(services, gate);
  // When all is over nobody could act at a gate any more. Whoever waits there all the same, redriven for one, goes on to its end.
  else await services.completeTask(parsed.taskToken, OVER);
}

const OVER = { proceed: false, action: 'opened', by: 'breakwater', reason: 'the execution has ended' };

/** The newest that was heard of first. */
function tokensOf({ taskToken, earlierTokens = [] }: GateRecord): readonly string[] {
  return [taskToken, ...earlierTokens];
}

/** Whether a gate answers another task of its kind: a wave waits at one gate at a time, so the task before is gone. */
function standsFor({ kind, status, resolution }: GateRecord): boolean {
  const isAskedOnce = kind === 'approval' || kind === 'pause';
  return status === 'open' || (isAskedOnce && resolution?.proceed === true);
}

async function openOrPass(
  change: Change,
  message: GateMessage,
  { asked, now }: { asked: { approval: GateApproval; timeoutSeconds: number } | undefined; now: number },
): Promise<GateRecord> {
  const { waveNumber, kind, taskToken } = message;
  const timeoutMs = (asked?.timeoutSeconds ?? GATE_TIMEOUT_SECONDS) * 1_000;
  const openedAt = new Date(now).toISOString();
  const earlier = (await change.gates(waveNumber)).filter((gate) => gate.kind === kind).length;
  const gate: GateRecord = {
    gateId: `w${waveNumber}-${kind}${earlier === 0 ? '' : `-${earlier + 1}`}`,
    waveNumber,
    kind,
    taskToken,
    status: 'open',
    openedAt,
    reason: await reasonOf(change, message),
    ...(kind === 'dependencies' ? {} : { expiresAt: new Date(now + timeoutMs).toISOString() }),
    ...(asked === undefined ? {} : { approval: asked.approval }),
  };
  await holdWave(change, gate, now);
  const verdict = gateVerdict(kind, change.head(), await dependenciesAt(change, message));
  if (kind !== 'dependencies')
    change.emit('GateOpened', { gateId: gate.gateId, waveNumber, kind, reason: gate.reason });
  if (verdict !== null) return recordClosed(change, gate, verdict, now);
  change.putGate(gate);
  if (kind === 'approval') change.putHead(countApprovalGate(change.head(), 1, openedAt));
  return gate;
}

/** Its wave waits for a person from now on. */
async function holdWave(
  change: Change,
  { kind, waveNumber, reason }: GateRecord,
  now: number,
): Promise<void> {
  if (kind !== 'pause' && kind !== 'decision') return;
  const wave = await change.wave(waveNumber);
  if (wave.status === 'in_progress') move(change, wave, 'paused', { now, message: reason });
}

async function reasonOf(change: Change, { kind, waveNumber }: GateMessage): Promise<string> {
  if (waveNumber === 0) return 'the plan asks for approval before the first wave';
  const wave = await change.wave(waveNumber);
  switch (kind) {
    case 'dependencies':
      return wave.dependencies.length === 0
        ? 'starts at once'
        : `waits for wave ${wave.dependencies.join(', ')}`;
    case 'pause':
      return `the plan asks for a look after wave ${waveNumber} (${wave.name})`;
    case 'approval':
      return `the plan asks for approval before wave ${waveNumber} (${wave.name})`;
    case 'decision': {
      const failed = (await change.technologies(waveNumber)).filter(
        ({ status }) => status !== 'completed' && status !== 'skipped',
      );
      return failed
        .map((technology) => `${labelOf(technology)}: ${technology.error?.message ?? technology.status}`)
        .join('; ');
    }
  }
}

/** Closes a gate within a change. The caller passes it on (`passOn`) once the change is written. */
export function closeGate(
  change: Change,
  gate: GateRecord,
  resolution: GateResolution,
  now: number,
): GateRecord {
  if (gate.kind === 'approval')
    change.putHead(countApprovalGate(change.head(), -1, new Date(now).toISOString()));
  return recordClosed(change, gate, resolution, now);
}

function recordClosed(change: Change, gate: GateRecord, resolution: GateResolution, now: number): GateRecord {
  const closed: GateRecord = { ...gate, status: 'closed', closedAt: new Date(now).toISOString(), resolution };
  change.putGate(closed);
  if (gate.kind !== 'dependencies') {
    const { gateId, waveNumber, kind } = gate;
    const { action, by, reason, requestId } = resolution;
    change.emit('GateClosed', {
      gateId,
      waveNumber,
      kind,
      action,
      by,
      ...(reason === undefined ? {} : { reason }),
      ...(requestId === undefined ? {} : { requestId }),
    });
  }
  return closed;
}

/**
 * Opens, among these waves' gates, those that have lost their reason; answers how many. To be called after the reason is gone.
 */
export async function openGates(
  services: Services,
  executionId: string,
  waveNumbers: readonly number[],
): Promise<number> {
  let count = 0;
  for (let i = 0; i < waveNumbers.length; i += WAVES_A_CHANGE) {
    const some = waveNumbers.slice(i, i + WAVES_A_CHANGE);
    const opened = await services.executions.change(executionId, (change) =>
      openSome(change, some, services.now()),
    );
    await passOn(services, ...opened);
    count += opened.length;
  }
  return count;
}

/** A change has at most 100 writes; a wave has at most a few open gates, each with an event. */
const WAVES_A_CHANGE = 20;

async function openSome(change: Change, waveNumbers: readonly number[], now: number): Promise<GateRecord[]> {
  const opened: GateRecord[] = [];
  for (const waveNumber of waveNumbers) {
    for (const gate of await change.gates(waveNumber)) {
      if (gate.status === 'closed') continue;
      const verdict = gateVerdict(gate.kind, change.head(), await dependenciesAt(change, gate));
      if (verdict !== null) opened.push(closeGate(change, gate, verdict, now));
    }
  }
  return opened;
}

async function dependenciesAt(
  change: Change,
  { kind, waveNumber }: Pick<GateRecord, 'kind' | 'waveNumber'>,
): Promise<WaveRecord[]> {
  if (kind !== 'dependencies') return [];
  const { dependencies } = await change.wave(waveNumber);
  return Promise.all(dependencies.map((number) => change.wave(number)));
}

/** Lets the state machine go on behind gates that are closed in the records; answers how many it waited at. */
export async function passOn(
  services: Pick<Services, 'completeTask'>,
  ...gates: readonly GateRecord[]
): Promise<number> {
  let count = 0;
  for (const gate of gates) {
    if (gate.status !== 'closed') continue;
    const output = { reason: '', ...gate.resolution };
    let waited = false;
    for (const token of tokensOf(gate)) if (await services.completeTask(token, output)) waited = true;
    if (waited) count++;
  }
  return count;
}

/**
 * For an execution that has not ended: does what a process that died may have left undone (invariant 2), with gates that were closed
 * before a moment; answers how many gates were left so. Whoever has closed one later may be passing it on just now.
 */
export async function sweepGates(
  services: Services,
  executionId: string,
  { closedBefore = Infinity }: { closedBefore?: number } = {},
): Promise<number> {
  const gates = await services.executions.gates(executionId);
  const waves = await services.executions.waves(executionId);
  const complete = new Set(
    waves.filter(({ status }) => status === 'completed').map((wave) => wave.waveNumber),
  );
  const mayWait = ({ waveNumber, closedAt }: GateRecord): boolean =>
    closedAt !== undefined && Date.parse(closedAt) <= closedBefore && !complete.has(waveNumber);
  const passedOn = await passOn(services, ...gates.filter(mayWait));
  const open = new Set(gates.filter(({ status }) => status === 'open').map(({ waveNumber }) => waveNumber));
  return passedOn + (await openGates(services, executionId, [...open]));
}
