import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { virtualClock, type VirtualClock } from '#clocks/virtual.ts';
import type { Control, StartParams } from '#control/control.ts';
import { hasCode, isBreakwaterError } from '#core/errors.ts';
import { hasEnded } from '#core/states.ts';
import type { ExecutionView, GateView } from '#core/view.ts';
import { createSimulation, type Simulation } from '#sim/index.ts';
import { planOf, scenarioOf, type ChaosAction, type ChaosCase } from './chaos-case.ts';
import { checkEnd, Witness } from './invariants.ts';
import { Life, openMortal, type MortalPlatform } from './mortal-platform.ts';

/** What a case has done to the platform. */
export interface Harm {
  readonly deaths: readonly string[];
  readonly faults: number;
  readonly acts: number;
  readonly status: string;
}

const SEED = 7;
const MINUTE_MS = 60_000;
/** Beyond this nothing goes on any more: a wake-up was lost. */
const MOST_HOURS = 40;
/** How long a person who looks at it takes. */
const PATIENCE_MS = 5 * MINUTE_MS;

/** Runs a case to the end of its execution, with all its deaths, and checks what is true afterwards. */
export async function runCase(chaos: ChaosCase): Promise<Harm> {
  const directory = mkdtempSync(path.join(tmpdir(), 'breakwater-chaos-'));
  try {
    return await new Run(chaos, directory).toTheEnd();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** `null` when the estate cannot be looked at just now. */
async function startUnlessRefused(control: Control, params: StartParams): Promise<string | null> {
  try {
    return (await control.startExecution(params)).executionId;
  } catch (error) {
    if (hasCode(error, 'ValidationFailed')) return null;
    throw error;
  }
}

class Run {
  readonly #case: ChaosCase;
  readonly #directory: string;
  readonly #clock: VirtualClock;
  readonly #startsAt: number;
  readonly #simulation: Simulation;
  readonly #deaths: string[] = [];
  readonly #witness = new Witness();
  readonly #retries = new Map<number, number>();
  #platform: MortalPlatform | null = null;
  #executionId: string | null = null;
  #acts = 0;
  #actions: ChaosAction[];
  #pausedSince: number | null = null;

  constructor(chaos: ChaosCase, directory: string) {
    const scenario = scenarioOf(chaos, SEED);
    this.#case = chaos;
    this.#directory = directory;
    this.#startsAt = scenario.startsAt;
    this.#clock = virtualClock({ startsAt: scenario.startsAt });
    this.#simulation = createSimulation({ scenario, clock: this.#clock });
    this.#actions = chaos.actions.toSorted((a, b) => a.atMinutes - b.atMinutes);
  }

  async toTheEnd(): Promise<Harm> {
    for (let view = await this.#look(); view === null || !hasEnded(view.status); view = await this.#look()) {
      if (this.#clock.now() - this.#startsAt > MOST_HOURS * 60 * MINUTE_MS)
        throw new TypeError(`it does not end: ${JSON.stringify(view, null, 1)}`);
      if (view !== null) await this.#act(view);
      await Promise.race([this.#clock.sleep(MINUTE_MS), this.#platform?.life.death]);
    }
    await this.#comeBack();
    const platform = this.#platform!;
    await checkEnd({
      chaos: this.#case,
      platform,
      simulation: this.#simulation,
      executionId: this.#executionId!,
      witness: this.#witness,
    });
    await platform.bury();
    const { status } = this.#witness.last!;
    const faults = this.#simulation.stats.log.filter(({ fault }) => fault !== null).length;
    return { deaths: this.#deaths, faults, acts: this.#acts, status };
  }

  /** After the end, another start changes nothing. */
  async #comeBack(): Promise<void> {
    await this.#clock.sleep(10 * MINUTE_MS);
    await this.#platform?.bury();
    this.#platform = await this.#open(Infinity);
    await this.#clock.sleep(10 * MINUTE_MS);
    this.#witness.see(await this.#platform.control.getExecution({ executionId: this.#executionId! }));
  }

  /** The execution as it is now; `null` while nobody can tell. */
  async #look(): Promise<ExecutionView | null> {
    return this.#alive(async ({ control }) => {
      if (this.#executionId === null) {
        const { mode } = this.#case;
        const params = { plan: planOf(this.#case), mode, initiatedBy: 'chaos', idempotencyKey: 'chaos' };
        this.#executionId = await startUnlessRefused(control, params);
        if (this.#executionId === null) return null;
      }
      const view = await control.getExecution({ executionId: this.#executionId });
      this.#witness.see(view);
      return view;
    });
  }

  /** Does something with a platform that lives, a new one if need be. `null`: it has died over it. */
  async #alive<T>(work: (platform: MortalPlatform) => Promise<T>): Promise<T | null> {
    if (this.#platform?.life.isOver) {
      this.#deaths.push(this.#platform.life.diedAt);
      await this.#platform.bury();
      this.#platform = null;
      await this.#clock.sleep(this.#case.downMinutes[this.#deaths.length % 6]! * MINUTE_MS);
    }
    const life = new Life(this.#case.lives[this.#deaths.length] ?? Infinity);
    try {
      this.#platform ??= await this.#open(life);
      return await work(this.#platform);
    } catch (error) {
      const lived = this.#platform?.life ?? life;
      if (!lived.isOver) throw error;
      if (this.#platform === null) this.#deaths.push(life.diedAt);
      return null;
    }
  }

  #open(life: Life | number): Promise<MortalPlatform> {
    return openMortal({
      recordsPath: path.join(this.#directory, 'records.db'),
      enginePath: path.join(this.#directory, 'engine.db'),
      clock: this.#clock,
      simulation: this.#simulation,
      life: typeof life === 'number' ? new Life(life) : life,
      seed: SEED + this.#deaths.length,
    });
  }

  /** What people do: what the case says when its time has come, and what somebody who watches would do. */
  async #act(view: ExecutionView): Promise<void> {
    const minutes = (this.#clock.now() - this.#startsAt) / MINUTE_MS;
    for (const { kind } of this.#actions.filter(({ atMinutes }) => atMinutes <= minutes))
      await this.#do(kind, view);
    this.#actions = this.#actions.filter(({ atMinutes }) => atMinutes > minutes);
    this.#pausedSince = view.pauseRequested ? (this.#pausedSince ?? this.#clock.now()) : null;
    if (this.#pausedSince !== null && this.#clock.now() - this.#pausedSince > PATIENCE_MS)
      await this.#do('resume', view);
    for (const gate of view.gates) {
      const isOld = this.#clock.now() - Date.parse(gate.openedAt) > PATIENCE_MS;
      if (gate.status === 'open' && isOld) await this.#actAt(gate, view);
    }
  }

  async #actAt(gate: GateView, view: ExecutionView): Promise<void> {
    const tried = this.#retries.get(gate.waveNumber) ?? 0;
    if (gate.kind === 'pause') return this.#do('resume', view);
    this.#retries.set(gate.waveNumber, tried + 1);
    await this.#decide(gate, tried < this.#case.patience ? 'retry' : 'skip');
  }

  async #do(kind: ChaosAction['kind'], view: ExecutionView): Promise<void> {
    const act = { executionId: view.executionId, by: 'chaos', reason: 'chaos' };
    const decision = view.gates.find((gate) => gate.status === 'open' && gate.kind === 'decision');
    if (kind === 'retry' || kind === 'skip') {
      if (decision !== undefined) await this.#decide(decision, kind);
    } else await this.#try(({ control }) => control[kind](act));
  }

  #decide(gate: GateView, action: 'retry' | 'skip'): Promise<void> {
    const executionId = this.#executionId!;
    return this.#try(({ control }) =>
      control.decide({ executionId, gateId: gate.gateId, action, by: 'chaos', reason: 'chaos' }),
    );
  }

  /** A refusal because something else came first is no error. */
  async #try(work: (platform: MortalPlatform) => Promise<void>): Promise<void> {
    const platform = this.#platform;
    if (platform === null || platform.life.isOver) return;
    try {
      await work(platform);
      this.#acts++;
    } catch (error) {
      const isRefusal =
        isBreakwaterError(error) && ['GateNotOpen', 'ExecutionNotRunning'].includes(error.code);
      if (!isRefusal && !platform.life.isOver) throw error;
    }
  }
}
