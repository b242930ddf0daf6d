import type { Call, Scope } from '#sim/kernel/contract.ts';
import type { Table } from '#sim/kernel/world.ts';

export type InstanceState = 'pending' | 'running' | 'stopping' | 'stopped' | 'shutting-down' | 'terminated';
export type Platform = 'linux' | 'windows';

/**
 * An EC2 instance. Everything that will happen to it by itself is in the row as times (milliseconds since 1970), so
 * that its state is a function of the row and of now.
 */
export interface InstanceRow {
  readonly id: string;
  readonly arn: string;
  readonly imageId: string;
  readonly instanceType: string;
  readonly platform: Platform;
  readonly vpcId: string;
  readonly subnetId: string;
  readonly zone: string;
  readonly privateIp: string;
  readonly publicIp: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly launchedAt: number;
  /** In state `during` before `until`, in state `afterwards` from it on. */
  readonly power: {
    readonly during: InstanceState;
    readonly until: number;
    readonly afterwards: InstanceState;
  };
  /** Status checks are `initializing` before `doneAt`, `result` from it on. Only a running instance has them. */
  readonly checks: { readonly result: 'ok' | 'impaired'; readonly doneAt: number };
  /** The SSM agent reports in from `onlineAt` on, while the instance runs. `null`: never. */
  readonly agentOnlineAt: number | null;
  /** The error code that StartInstances answers, as the scenario declares it. */
  readonly startFails: string | null;
  readonly clientToken: string | null;
}

/** Durations of a Region, in seconds, as ranges or medians. See README. */
export interface Ec2Timing {
  readonly scale: number;
  readonly runSeconds: number;
  readonly stopSeconds: readonly [number, number];
  readonly terminateSeconds: readonly [number, number];
  readonly checksSeconds: readonly [number, number];
  readonly agentSeconds: readonly [number, number];
}

/** EC2 run to running: median 16 s, 10 to 42 (n = 7); terminate 20 to 31 s (n = 5): Terraform logs. The rest: documentation. */
export const DEFAULT_TIMING: Ec2Timing = {
  scale: 1,
  runSeconds: 16,
  stopSeconds: [30, 60],
  terminateSeconds: [20, 31],
  checksSeconds: [120, 240],
  agentSeconds: [60, 120],
};

/** A scope and its world: all that reading rows needs. Every `Call` is one. */
export type Scoped = Scope & Pick<Call, 'world'>;

export const instances = (scope: Scoped): Table<InstanceRow> => scope.world.table(scope, 'ec2.instances');

const settings = (scope: Scoped): Table<Ec2Timing> => scope.world.table(scope, 'ec2.settings');

export function timingOf(scope: Scoped): Ec2Timing {
  return settings(scope).get('timing') ?? DEFAULT_TIMING;
}

export function putTiming(scope: Scoped, timing: Ec2Timing): void {
  settings(scope).put('timing', timing);
}
