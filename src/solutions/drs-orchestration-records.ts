import type { RemoteExecution, RemoteServer, RemoteWave } from '#adapters/drs/solution-door.ts';
import type { Json, JsonObject } from '#core/json.ts';
import type { RecoveredServer } from '#core/outcome.ts';
import { fieldOf, listField, objectOf, textField, timeField } from './loose-fields.ts';

/** Words seen for an execution. The set is open: any other means that it still runs. */
const STATUSES: Readonly<Record<string, RemoteExecution['status']>> = {
  PENDING: 'running',
  POLLING: 'running',
  INITIATED: 'running',
  LAUNCHING: 'running',
  STARTED: 'running',
  IN_PROGRESS: 'running',
  RUNNING: 'running',
  PAUSE_PENDING: 'running',
  CANCELLING: 'running',
  PAUSED: 'waiting',
  COMPLETED: 'completed',
  PARTIAL: 'partial',
  FAILED: 'failed',
  TIMEOUT: 'failed',
  CANCELLED: 'cancelled',
};

/** The public solution's record of an execution. `instances`: of `GET …/recovery-instances`, as far as they were asked for. */
export function executionOf(record: JsonObject, instances: readonly JsonObject[]): RemoteExecution {
  const statusThere = textField(record, 'status') ?? 'without a status';
  const known = STATUSES[statusThere.toUpperCase()];
  const message = messageOf(record, known);
  const [startedAt, completedAt] = [timeField(record, 'startTime'), timeField(record, 'endTime')];
  const totalWaves = Number(textField(record, 'totalWaves'));
  const byServer = new Map(instances.map((one) => [textField(one, 'sourceServerId'), one]));
  const waves = listField(record, 'waves');
  return {
    executionId: textField(record, 'executionId') ?? '',
    status: known ?? 'running',
    statusThere,
    isKnown: known !== undefined,
    ...(message === undefined ? {} : { message }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(completedAt === undefined ? {} : { completedAt }),
    ...(Number.isInteger(totalWaves) ? { totalWaves } : {}),
    waves: waves.map((wave, index) => waveOf({ record, wave, index, byServer })),
  };
}

export function instancesOf(answer: JsonObject): JsonObject[] {
  return listField(answer, 'instances', 'recoveryInstances', 'items');
}

function messageOf(record: JsonObject, status: RemoteExecution['status'] | undefined): string | undefined {
  const before = textField(record, 'pausedBeforeWave');
  // Their numbers begin with 0, their names for people with 1.
  if (status === 'waiting')
    return before === undefined ? undefined : `paused before wave ${Number(before) + 1}`;
  return textField(record, 'errorMessage', 'statusReason');
}

interface WaveParams {
  readonly record: JsonObject;
  readonly wave: JsonObject;
  readonly index: number;
  readonly byServer: ReadonlyMap<string | undefined, JsonObject>;
}

/** Servers of which it tells no status have not been launched, whatever the wave says. */
function waveOf(params: WaveParams): RemoteWave {
  const { wave, index } = params;
  const statuses = listField(wave, 'serverStatuses', 'servers');
  const told = statuses.map((server) => textField(server, 'sourceServerId', 'serverId') ?? '');
  const ids = ((fieldOf(wave, 'serverIds') ?? []) as readonly Json[]).filter((id) => typeof id === 'string');
  const untold = ids.filter((id) => !told.includes(id));
  return {
    name: textField(wave, 'waveName') ?? `Wave ${index + 1}`,
    statusThere: textField(wave, 'status') ?? '',
    servers: [
      ...statuses.map((server, at) => serverOf(params, server, told[at]!)),
      ...untold.map((id): RemoteServer => ({ sourceServerId: id, status: 'pending', statusThere: '' })),
    ],
  };
}

function serverOf(params: WaveParams, server: JsonObject, sourceServerId: string): RemoteServer {
  const statusThere = textField(server, 'launchStatus') ?? '';
  const word = statusThere.toUpperCase();
  const message = textField(server, 'error', 'errorMessage');
  const common = { sourceServerId, statusThere, ...(message === undefined ? {} : { message }) };
  if (word === 'LAUNCHED') {
    const recovered = recoveredOf(params, server, sourceServerId);
    return { ...common, status: 'launched', ...(recovered === null ? {} : { recovered }) };
  }
  const hasFailed = word === 'FAILED' || word === 'TERMINATED' || word === 'CANCELLED';
  return { ...common, status: hasFailed ? 'failed' : 'pending' };
}

/** From what the server's status tells, and beyond it from the list of instances. `null` without an instance. */
function recoveredOf(
  { record, wave, byServer }: WaveParams,
  server: JsonObject,
  sourceServerId: string,
): RecoveredServer | null {
  const all = { ...server, ...without(byServer.get(sourceServerId) ?? {}) };
  const ec2InstanceId = textField(all, 'ec2InstanceId', 'instanceId', 'recoveryInstanceId');
  if (ec2InstanceId === undefined) return null;
  const account = objectOf(fieldOf(record, 'accountContext')) ?? {};
  return {
    sourceServerId,
    sourceInstanceId: textField(all, 'sourceInstanceId') ?? sourceServerId,
    recoveryInstanceId: textField(all, 'recoveryInstanceId', 'recoveryInstanceID') ?? ec2InstanceId,
    ec2InstanceId,
    privateIp: textField(all, 'privateIp', 'privateIpAddress') ?? null,
    status: (
      textField(all, 'ec2InstanceState', 'instanceState', 'state', 'status') ?? 'unknown'
    ).toLowerCase(),
    accountId:
      textField(all, 'accountId') ?? textField(record, 'accountId') ?? textField(account, 'accountId') ?? '',
    region: textField(all, 'region') ?? textField(wave, 'region') ?? textField(record, 'region') ?? '',
    isDrill: textField(record, 'executionType')?.toUpperCase() !== 'RECOVERY',
    // It does not tell which snapshot it launched from.
    pointInTime: null,
  };
}

/** Without fields that say nothing, so that they hide nothing. */
function without(instance: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(instance).filter(([, value]) => value !== null && value !== ''));
}
