import type { Control, ExecutionSummary } from '#control/control.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { ExecutionEventRecord } from '#core/events.ts';
import { exportOf } from '#core/export.ts';
import type { ResourceOutcome } from '#core/outcome.ts';
import type { ExecutionView, GateView, TechnologyView, WaveView } from '#core/view.ts';
import type { LocalHost, OpenParams, Session } from './host.ts';
import type { IoHost, Key } from './io-host.ts';
import { runCommandLine } from './program.ts';

/** Fakes for the tests of the command line. */

/** 10:00 on the specification's day, in ms, plus so many seconds. */
export function at(seconds: number): string {
  return new Date(Date.parse('2026-01-07T10:00:00.000Z') + seconds * 1_000)
    .toISOString()
    .replace('.000Z', 'Z');
}

export function technology(part: Partial<TechnologyView> = {}): TechnologyView {
  return {
    type: 'drs',
    operation: 'recovery',
    status: 'pending',
    criticality: 'critical',
    attempt: 1,
    resources: [],
    names: {},
    outcomes: [],
    expectedDuration: 'PT15M',
    ...part,
  };
}

export function wave(part: Partial<WaveView> = {}): WaveView {
  return {
    waveNumber: 1,
    name: 'Database Tier',
    status: 'pending',
    dependencies: [],
    pauseAfterWave: false,
    expectedDuration: 'PT5M',
    technologies: [technology()],
    ...part,
  };
}

export function gate(part: Partial<GateView> = {}): GateView {
  return {
    gateId: 'gate-2-pause',
    waveNumber: 2,
    kind: 'pause',
    status: 'open',
    openedAt: at(1_200),
    reason: 'the plan asks for a look after this wave',
    actions: ['resume', 'cancel'],
    ...part,
  };
}

export function servers(count: number, status: ResourceOutcome['status'], first = 0): ResourceOutcome[] {
  return Array.from({ length: count }, (_, index) => ({
    resourceId: `s-${(index + first).toString(16).padStart(17, '0')}`,
    status,
  }));
}

/** The specification's plan, twenty minutes in: the database has failed over, the servers are launching. */
export function execution(part: Partial<ExecutionView> = {}): ExecutionView {
  return {
    executionId: 'exec-12345',
    planId: 'plan-67890',
    planName: 'Core banking',
    planHash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    mode: 'drill',
    simulated: false,
    status: 'in_progress',
    currentWave: 2,
    startedAt: at(0),
    pauseRequested: false,
    cancelRequested: false,
    objectives: { rto: 'PT4H', rpo: 'PT15M' },
    expectedDuration: 'PT26M',
    waves: [
      wave({
        status: 'completed',
        startedAt: at(0),
        completedAt: at(290),
        technologies: [
          technology({
            type: 'database',
            operation: 'failover',
            status: 'completed',
            resources: ['aurora-prod-cluster'],
            outcomes: [{ resourceId: 'aurora-prod-cluster', status: 'completed' }],
            startedAt: at(0),
            completedAt: at(290),
            executionTime: 'PT4M50S',
            expectedDuration: 'PT5M',
          }),
        ],
      }),
      wave({
        waveNumber: 2,
        name: 'Application Tier',
        status: 'in_progress',
        dependencies: [1],
        pauseAfterWave: true,
        startedAt: at(290),
        expectedDuration: 'PT19M',
        technologies: [
          technology({
            status: 'in_progress',
            startedAt: at(290),
            resources: ['s-00000000000000000', 's-00000000000000001', 's-00000000000000002'],
            names: { 's-00000000000000000': 'app-01' },
            outcomes: [
              ...servers(1, 'completed'),
              { ...servers(1, 'in_progress', 1)[0]!, detail: 'launching, conversion has ended' },
            ],
            detail: 'job drsjob-1: 1 of 3 launched',
          }),
          technology({
            type: 'application',
            operation: 'scripts',
            resources: ['start-services.sh'],
            expectedDuration: 'PT4M',
          }),
        ],
      }),
      wave({
        waveNumber: 3,
        name: 'Infrastructure',
        dependencies: [2],
        expectedDuration: 'PT2M',
        technologies: [
          technology({ type: 'infrastructure', operation: 'dns_update', expectedDuration: 'PT2M' }),
        ],
      }),
    ],
    gates: [],
    pauses: [],
    enterpriseContext: { initiatedBy: 'ada', tags: { Environment: 'production' } },
    ...part,
  };
}

export function event(part: Partial<ExecutionEventRecord> = {}): ExecutionEventRecord {
  return {
    executionId: 'exec-12345',
    sequence: 1,
    at: at(0),
    code: 'ExecutionStarted',
    level: 'info',
    message: 'drill of Core banking started by ada',
    data: {},
    ...part,
  };
}

/** An IoHost that remembers. Time passes at once: `onSleep` runs instead, and what it does has happened meanwhile. */
export interface FakeIo extends IoHost {
  readonly out: string[];
  readonly err: string[];
  readonly drawings: string[];
  /** How long each sleep was asked to be, in ms. */
  readonly slept: number[];
  interrupt(): void;
}

export interface FakeIoOptions {
  interactive?: boolean;
  environment?: Record<string, string>;
  answers?: string[];
  stdin?: string;
  /** What is pressed at gates, one a sleep: names of keys as in `KEYS`, all else is text. */
  keys?: string[];
  onSleep?: () => void;
}

const KEYS: ReadonlySet<string> = new Set(['return', 'left', 'right', 'escape', 'backspace']);

function keyOf(pressed: string): Key {
  if (pressed === 'ctrl+c') return { name: 'c', text: '', ctrl: true };
  return KEYS.has(pressed)
    ? { name: pressed, text: '', ctrl: false }
    : { name: '', text: pressed, ctrl: false };
}

export function fakeIo(options: FakeIoOptions = {}): FakeIo {
  const { interactive = false, environment = {}, answers = [], keys = [], onSleep = () => {} } = options;
  const [out, err, drawings]: string[][] = [[], [], []];
  const slept: number[] = [];
  let listener: ((key: Key) => void) | null = null;
  const handlers = new Set<() => void>();
  const answer = (): string => {
    const next = answers.shift();
    if (next === undefined) throw new BreakwaterError('Declined', 'the question was left without an answer');
    return next;
  };
  return {
    out: out!,
    err: err!,
    drawings: drawings!,
    interactive,
    color: false,
    environment,
    user: 'ada',
    size: () => ({ width: 100, height: 40 }),
    print: (text) => void out!.push(text),
    note: (text) => void err!.push(text),
    live: () => ({ draw: (text) => void drawings!.push(text), clear: () => {}, finish: () => {} }),
    keys: (onKey) => {
      listener = onKey;
      return () => (listener = null);
    },
    input: async () => answer(),
    secret: async () => answer(),
    readInput: async () => options.stdin ?? '',
    slept,
    sleep: async (ms) => {
      slept.push(ms);
      await new Promise(setImmediate);
      const pressed = listener === null ? undefined : keys.shift();
      if (pressed !== undefined) listener?.(keyOf(pressed));
      onSleep();
    },
    onInterrupt: (handler) => {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },
    interrupt: () => handlers.forEach((handler) => handler()),
  };
}

/** A Control that answers from `state`, and writes down who asked what of it. */
export interface FakeControl extends Control {
  readonly calls: unknown[][];
  state: { view: ExecutionView; events: ExecutionEventRecord[] };
}

export function fakeControl(state: FakeControl['state'], overrides: Partial<Control> = {}): FakeControl {
  const calls: unknown[][] = [];
  const note = (name: string) => async (params: unknown) => void calls.push([name, params]);
  const find = (executionId: string): ExecutionView => {
    if (executionId === control.state.view.executionId) return control.state.view;
    throw new BreakwaterError('ExecutionNotFound', `there is no execution ${JSON.stringify(executionId)}`);
  };
  const control: FakeControl = {
    calls,
    state,
    validatePlan: async () => ({ findings: [], expectedDuration: 'PT26M', waves: [] }),
    startExecution: async (params) => {
      calls.push(['startExecution', params]);
      return { executionId: control.state.view.executionId, joined: false };
    },
    listExecutions: async () => ({ executions: [summaryOf(control.state.view)] }),
    getExecution: async ({ executionId }) => find(executionId),
    listEvents: async ({ after = 0 }) => control.state.events.filter(({ sequence }) => sequence > after),
    pause: note('pause'),
    resume: note('resume'),
    decide: note('decide'),
    cancel: note('cancel'),
    exportExecution: async ({ executionId }) => exportOf(find(executionId)),
    discover: async ({ discoveryQuery }) => ({
      discoveryQuery,
      discoveredResources: {},
      details: [],
      warnings: [],
    }),
    ...overrides,
  };
  return control;
}

function summaryOf(view: ExecutionView): ExecutionSummary {
  const { executionId, planId, planName, mode, status, currentWave, startedAt } = view;
  return {
    executionId,
    planId,
    planName,
    mode,
    status,
    currentWave,
    startedAt,
    totalWaves: view.waves.length,
  };
}

/** A LocalHost whose sessions have this control. `log` says what was opened and closed. */
export function fakeLocal(
  control: Control,
  {
    runsHere = true,
    nobodyRuns = false,
    recovered = [],
  }: { runsHere?: boolean; nobodyRuns?: boolean; recovered?: readonly string[] } = {},
) {
  const log: string[] = [];
  const opened: OpenParams[] = [];
  const session = (): Session => ({
    control,
    clock: { now: () => Date.parse(at(1_200)), describe: () => '60× real time' },
    runsHere,
    ...(nobodyRuns ? { nobodyRuns } : {}),
    recovered,
    failure: () => null,
    close: async () => void log.push('close'),
  });
  const local: LocalHost = {
    open: async (params) => {
      opened.push(params);
      log.push('open');
      return session();
    },
    connect: async ({ purpose }) => {
      log.push(`connect to ${purpose}`);
      return session();
    },
    at: (server) => {
      log.push(`at ${JSON.stringify(server)}`);
      return local;
    },
    doctor: async () => [],
    deployPlan: async () => ({ region: 'eu-west-1', stacks: [] }),
    signIn: async ({ server, user, ask }) => {
      log.push(`sign in ${user} with ${await ask({ kind: 'password' })}`);
      return { api: server.api ?? 'https://h', user };
    },
    signOut: async ({ api = 'https://h' }) => ({ api, user: 'ana' }),
    serve: async ({ host, port }) => ({
      url: `http://${host}:${port}`,
      serverId: 'bw-1',
      adminToken: 'bwt_admin_secret',
      recovered: [],
      simulated: true,
      clock: { now: () => 0, describe: () => '60× real time' },
      failure: () => null,
      close: async () => void log.push('stop serving'),
    }),
    simulate: async ({ port }) => ({
      url: `http://127.0.0.1:${port}`,
      environment: [
        ['AWS_ENDPOINT_URL', `http://127.0.0.1:${port}`],
        ['AWS_ACCESS_KEY_ID', "it's"],
      ],
      close: async () => void log.push('simulation closed'),
    }),
  };
  return { local, log, opened };
}

/** A drill that ended well after half an hour. */
export const completed = execution({ status: 'completed', outcome: 'clean', completedAt: at(1_800) });

/** A command line on fakes: `run` gives the exit code. */
export function fakeCommandLine(
  view: ExecutionView = completed,
  options: FakeIoOptions & Parameters<typeof fakeLocal>[1] = {},
) {
  const control = fakeControl({ view, events: [event()] });
  const io = fakeIo(options);
  const host = fakeLocal(control, options);
  const run = (...argv: string[]): Promise<number> => runCommandLine(argv, { io, local: host.local });
  return { control, io, run, ...host };
}
