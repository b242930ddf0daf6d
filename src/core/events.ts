import { readDuration } from './duration.ts';

/** Everything that an execution emits, declared once. The key is the code; only code and data are contract, words may change. */
export const EVENTS = {
  ExecutionStarted: {
    level: 'info',
    describe: (d) => `${d.mode} of ${d.planName} started by ${d.initiatedBy}`,
  },
  ExecutionValidated: {
    level: 'info',
    describe: (d) =>
      `plan of ${d.waves} ${Number(d.waves) === 1 ? 'wave' : 'waves'} validated, expected to take ${words(d.expectedDuration)}`,
  },
  ExecutionPauseRequested: {
    level: 'warning',
    describe: (d) => `pause requested by ${d.by}; it takes effect before the next wave`,
  },
  ExecutionPaused: { level: 'info', describe: () => 'execution waits for a person' },
  ExecutionResumed: { level: 'info', describe: (d) => `resumed by ${d.by}` },
  ExecutionCancelRequested: {
    level: 'warning',
    describe: (d) => `cancel requested by ${d.by}${d.reason ? `: ${d.reason}` : ''}`,
  },
  ExecutionCompleted: { level: 'info', describe: (d) => `execution completed, ${d.outcome}` },
  ExecutionFailed: { level: 'error', describe: (d) => `execution failed: ${d.message}` },
  ExecutionCancelled: { level: 'warning', describe: () => 'execution cancelled' },
  ProcessRestarted: {
    level: 'warning',
    describe: (d) =>
      d.undone
        ? `a process has ended before its work was done, and that is done now: ${d.undone}`
        : 'the process was started again; the execution goes on from its journal',
  },
  WaveStarted: { level: 'info', describe: (d) => `wave ${d.waveNumber} (${d.name}) started` },
  WavePaused: { level: 'debug', describe: (d) => `wave ${d.waveNumber} waits: ${d.reason}` },
  WaveResumed: { level: 'info', describe: (d) => `wave ${d.waveNumber} goes on` },
  WaveCompleted: { level: 'info', describe: (d) => `wave ${d.waveNumber} (${d.name}) completed` },
  WaveFailed: { level: 'error', describe: (d) => `wave ${d.waveNumber} (${d.name}) failed: ${d.message}` },
  WaveCancelled: { level: 'warning', describe: (d) => `wave ${d.waveNumber} (${d.name}) cancelled` },
  TechnologyStarted: { level: 'info', describe: (d) => `${d.technology} started, attempt ${d.attempt}` },
  TechnologyProgressed: { level: 'debug', describe: (d) => `${d.technology}: ${d.detail}` },
  TechnologyTroubled: { level: 'warning', describe: (d) => `${d.technology}: ${d.detail}` },
  TechnologyCompleted: { level: 'info', describe: (d) => `${d.technology} completed` },
  TechnologyFailed: { level: 'error', describe: (d) => `${d.technology} failed: ${d.message}` },
  TechnologySkipped: { level: 'warning', describe: (d) => `${d.technology} skipped: ${d.reason}` },
  TechnologyCancelled: { level: 'warning', describe: (d) => `${d.technology} cancelled: ${d.detail}` },
  ResourceChanged: {
    level: 'info',
    describe: (d) => `${d.resourceId} ${d.status}${d.detail ? `: ${d.detail}` : ''}`,
  },
  ReplicationStalled: {
    level: 'warning',
    describe: (d) =>
      `${d.technology}: replication of ${d.resourceId} has stalled${d.lag ? ` and lags ${d.lag}` : ''}; its last point in time ages`,
  },
  ReplicationResumed: {
    level: 'info',
    describe: (d) => `${d.technology}: replication of ${d.resourceId} has stalled no longer`,
  },
  ServerLaunchReported: {
    level: 'info',
    describe: (d) => `${d.technology}: DRS says of the launch of ${d.resourceId} by ${d.jobId}: ${d.result}`,
  },
  GateOpened: { level: 'info', describe: (d) => `${d.kind} gate of ${place(d)}: ${d.reason}` },
  ApprovalGiven: {
    level: 'info',
    describe: (d) =>
      `${d.by} approved at gate ${d.gateId}: ${d.approvals} of ${d.required}${d.changeTicket ? `, change ticket ${d.changeTicket}` : ''}`,
  },
  ApprovalLapsed: {
    level: 'warning',
    describe: (d) =>
      `what gate ${d.gateId} is to approve has changed, earlier approvals do not count: ${d.difference}`,
  },
  GateClosed: {
    level: 'info',
    describe: (d) =>
      `${d.kind} gate of ${place(d)} closed: ${d.action} by ${d.by}${d.reason ? ` (${d.reason})` : ''}`,
  },
} as const satisfies Record<string, EventDefinition>;

/** Gates of wave 0 are of the execution as a whole. */
function place({ waveNumber }: EventData): string {
  return waveNumber === 0 ? 'the execution' : `wave ${waveNumber}`;
}

/** An ISO 8601 duration in words: `10 min 21 s`; a text that is none as it stands. */
function words(duration: string | number | undefined): string {
  const ms = readDuration(String(duration));
  if (ms === null) return String(duration);
  const seconds = Math.round(ms / 1_000);
  const parts = [
    [Math.floor(seconds / 3_600), 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const shown = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`);
  return shown.length === 0 ? '0 s' : shown.join(' ');
}

export interface EventDefinition {
  readonly level: 'debug' | 'info' | 'warning' | 'error';
  readonly describe: (data: EventData) => string;
}

/** What an event carries, by name. */
export type EventData = Readonly<Record<string, string | number>>;

export type EventCode = keyof typeof EVENTS;

/** One event of an execution. `sequence` counts from 1 without gaps. `at` is ISO 8601. */
export interface ExecutionEventRecord {
  readonly executionId: string;
  readonly sequence: number;
  readonly at: string;
  readonly code: EventCode;
  readonly level: EventDefinition['level'];
  readonly message: string;
  readonly data: EventData;
}
