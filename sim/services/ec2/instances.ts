import type { Call, ServiceError } from '#sim/kernel/contract.ts';
import type { Random } from '#sim/kernel/random.ts';
import { ec2Error, incorrectState } from './errors.ts';
import { defaultSubnetId, defaultVpcId, nextPrivateIp } from './network.ts';
import { instances, timingOf, type InstanceRow, type InstanceState, type Platform } from './rows.ts';

/** An instance as it is now. */
export interface Instance extends InstanceRow {
  readonly state: InstanceState;
  /** `online`: SSM has it as a managed node that answers. */
  readonly ssm: { readonly online: boolean; readonly platform: Platform };
}

/** What to launch. Everything has a default but the tags. */
export interface LaunchSpec {
  /** Default: a new `i-…`. */
  readonly id?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly instanceType?: string;
  readonly imageId?: string;
  readonly platform?: Platform;
  /** Letter of the Availability Zone. */
  readonly zone?: string;
  readonly vpcId?: string;
  readonly subnetId?: string;
  readonly privateIp?: string;
  readonly publicIp?: string | null;
  /** Default `offline`: no agent. */
  readonly ssmAgent?: 'online' | 'offline';
  readonly checks?: 'ok' | 'impaired';
  /** Default `running`. `stopped`: created and left stopped, as DRS does with `launchDisposition: STOPPED`. */
  readonly endsUp?: 'running' | 'stopped';
  readonly startFails?: string | null;
  readonly clientToken?: string | null;
}

/** Terminated instances stay visible for about an hour. */
const REMEMBERED_MS = 3_600_000;

/** The instance of this id as it is now, `undefined` if there is none (any more). */
export function findInstance(call: Call, id: string): Instance | undefined {
  const row = instances(call).get(id);
  return row !== undefined && isVisible(row, call.now) ? viewAt(row, call.now) : undefined;
}

/** All instances of the account and Region in order of launch, lately terminated ones included. */
export function listInstances(call: Call): Instance[] {
  return instances(call)
    .all()
    .filter((row) => isVisible(row, call.now))
    .map((row) => viewAt(row, call.now));
}

/** Makes a `pending` instance that will be running after some seconds. */
export function launchInstance(call: Call, spec: LaunchSpec): Instance {
  const id = spec.id ?? call.world.newId('i-');
  const zone = `${call.region}${spec.zone ?? 'a'}`;
  const platform = spec.platform ?? 'linux';
  const checks = spec.checks ?? 'ok';
  const row: InstanceRow = {
    id,
    arn: `arn:aws:ec2:${call.region}:${call.accountId}:instance/${id}`,
    imageId: spec.imageId ?? `ami-${call.world.random(`ec2.image/${platform}`).hex(17)}`,
    instanceType: spec.instanceType ?? 'm5.large',
    platform,
    vpcId: spec.vpcId ?? defaultVpcId(call),
    subnetId: spec.subnetId ?? defaultSubnetId(call, zone),
    zone,
    privateIp: spec.privateIp ?? nextPrivateIp(call),
    publicIp: spec.publicIp ?? null,
    tags: spec.tags,
    launchedAt: call.now,
    ...poweringOn(call, {
      id,
      checks,
      hasAgent: spec.ssmAgent === 'online',
      endsUp: spec.endsUp ?? 'running',
    }),
    startFails: spec.startFails ?? null,
    clientToken: spec.clientToken ?? null,
  };
  instances(call).put(id, row);
  return viewAt(row, call.now);
}

/** Starts a stopped instance; does nothing to one that is pending or running. */
export function startInstance(call: Call, id: string): Instance {
  const { state, startFails, checks, agentOnlineAt } = getInstance(call, id);
  if (state === 'pending' || state === 'running') return getInstance(call, id);
  if (state !== 'stopped') throw incorrectState(id, 'started');
  if (startFails !== null) throw startFailure(startFails);
  return patch(
    call,
    id,
    poweringOn(call, { id, checks: checks.result, hasAgent: agentOnlineAt !== null, endsUp: 'running' }),
  );
}

/** Stops a running instance; does nothing to one that is stopping or stopped. */
export function stopInstance(call: Call, id: string): Instance {
  const { state, platform } = getInstance(call, id);
  if (state === 'stopping' || state === 'stopped') return getInstance(call, id);
  if (state !== 'running') throw incorrectState(id, 'stopped');
  const { stopSeconds, scale } = timingOf(call);
  const slower = platform === 'windows' ? 2 : 1;
  const until = call.now + within(drawFor(call, 'stop', id), stopSeconds, scale * slower);
  return patch(call, id, { power: { during: 'stopping', until, afterwards: 'stopped' } });
}

/** Restarts the status checks and the agent. The state stays `running`, as it does on AWS. */
export function rebootInstance(call: Call, id: string): Instance {
  const { state, checks, agentOnlineAt } = getInstance(call, id);
  if (state !== 'running') throw incorrectState(id, 'rebooted');
  const { power, ...rest } = poweringOn(call, {
    id,
    checks: checks.result,
    hasAgent: agentOnlineAt !== null,
    endsUp: 'running',
  });
  return patch(call, id, { ...rest, power: { ...power, during: 'running' } });
}

/** Ends an instance, whatever its state. Terminating a terminated one does nothing. */
export function terminateInstance(call: Call, id: string): Instance {
  const { state } = getInstance(call, id);
  if (state === 'shutting-down' || state === 'terminated') return getInstance(call, id);
  const { terminateSeconds, scale } = timingOf(call);
  const until = call.now + within(drawFor(call, 'terminate', id), terminateSeconds, scale);
  return patch(call, id, { power: { during: 'shutting-down', until, afterwards: 'terminated' } });
}

/** The instance, or `InvalidInstanceID.NotFound`. */
export function getInstance(call: Call, id: string): Instance {
  const found = findInstance(call, id);
  if (found === undefined) {
    throw ec2Error('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
  }
  return found;
}

export function stateAt(row: InstanceRow, now: number): InstanceState {
  return now < row.power.until ? row.power.during : row.power.afterwards;
}

export function isVisible(row: InstanceRow, now: number): boolean {
  return row.power.afterwards !== 'terminated' || now < row.power.until + REMEMBERED_MS;
}

export function viewAt(row: InstanceRow, now: number): Instance {
  const state = stateAt(row, now);
  const online = state === 'running' && row.agentOnlineAt !== null && now >= row.agentOnlineAt;
  return { ...row, state, ssm: { online, platform: row.platform } };
}

function patch(call: Call, id: string, changes: Partial<InstanceRow>): Instance {
  return viewAt(instances(call).patch(id, changes), call.now);
}

/** Draws when the instance will run, pass its checks and have its agent online. */
function poweringOn(
  call: Call,
  {
    id,
    checks,
    hasAgent,
    endsUp,
  }: { id: string; checks: 'ok' | 'impaired'; hasAgent: boolean; endsUp: 'running' | 'stopped' },
): Pick<InstanceRow, 'power' | 'checks' | 'agentOnlineAt'> {
  const timing = timingOf(call);
  const draw = drawFor(call, 'start', id);
  const until = call.now + Math.min(draw.lognormal(timing.runSeconds, 0.35), 42) * timing.scale * 1000;
  const agentMs = within(draw, timing.agentSeconds, timing.scale);
  return {
    power: { during: 'pending', until, afterwards: endsUp },
    checks: { result: checks, doneAt: until + within(draw, timing.checksSeconds, timing.scale) },
    agentOnlineAt: hasAgent ? until + agentMs : null,
  };
}

function drawFor(call: Call, what: string, id: string): Random {
  return call.world.random(`ec2.${what}/${id}/${call.now}`);
}

/** Milliseconds, uniform in a range of seconds. */
function within(draw: Random, [low, high]: readonly [number, number], scale: number): number {
  return draw.uniform(low, high) * scale * 1000;
}

function startFailure(code: string): ServiceError {
  return code === 'InsufficientInstanceCapacity'
    ? ec2Error(code, 'Insufficient capacity.', 500)
    : ec2Error(code, 'The instance could not be started, as the scenario declares.');
}
