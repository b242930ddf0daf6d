import type { Call } from '#sim/kernel/contract.ts';
import { findInstance } from '#sim/services/ec2/instances.ts';
import type { JobServer, LaunchOutcome, SourceServerRow } from './rows.ts';
import type { Settings } from './settings.ts';
import { pointInTimeOf } from './snapshots.ts';

interface Launching {
  readonly jobId: string;
  readonly server: SourceServerRow;
  readonly settings: Settings;
  /** The job passes over all its servers. */
  readonly silent: boolean;
  readonly snapshotId: string | undefined;
}

/** What becomes of one server's launch, and of which moment its data is. */
export function outcomeOf(
  call: Call,
  given: Launching,
): Pick<JobServer, 'outcome' | 'error' | 'pointInTime' | 'usesPreviousSnapshot'> {
  const { server, silent, snapshotId } = given;
  const pointInTime = pointInTimeOf(call, server, snapshotId);
  const outcome = silent
    ? 'nothing'
    : pointInTime === null
      ? 'no-snapshot'
      : outcomeWithSnapshot(call, given);
  return {
    outcome,
    error: ERRORS[outcome],
    pointInTime: pointInTime ?? call.now,
    usesPreviousSnapshot: snapshotId === undefined && pointInTime !== null && pointInTime < call.now,
  };
}

const ERRORS: Record<LaunchOutcome, string | null> = {
  launched: null,
  nothing: null,
  stuck: null,
  'no-snapshot': 'There is no recovery snapshot of the source server',
  'conversion-failed': 'Conversion failed: the conversion server could not prepare the boot volume',
  'launch-failed':
    'An error occurred (InsufficientInstanceCapacity) when calling the RunInstances operation: Insufficient capacity.',
};

const FAULTS = {
  'fail-conversion': 'conversion-failed',
  'fail-launch': 'launch-failed',
  stuck: 'stuck',
} as const;

function outcomeWithSnapshot(call: Call, { jobId, server, settings }: Launching): LaunchOutcome {
  const { fault, launchConfiguration } = server;
  if (fault.left > 0 && fault.launch !== 'ok') return FAULTS[fault.launch];
  if (!canLaunchInto(call, launchConfiguration.launchIntoEC2InstanceID)) return 'launch-failed';
  const draw = call.world.random(`drs.launch/${jobId}/${server.id}`);
  if (!draw.chance(settings.failProbability)) return 'launched';
  return draw.chance(0.3) ? 'conversion-failed' : 'launch-failed';
}

/** AWS launches into an existing instance only if it is tagged for it. */
function canLaunchInto(call: Call, id: string | null): boolean {
  if (id === null) return true;
  const target = findInstance(call, id);
  return (
    target !== undefined &&
    target.state !== 'terminated' &&
    target.tags['AWSDRS'] === 'AllowLaunchingIntoThisInstance'
  );
}
