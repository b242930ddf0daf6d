import type {
  DescribeInstanceStatusCommandInput,
  InstanceStatus,
  InstanceStatusSummary,
} from '@aws-sdk/client-ec2';
import type { Call } from '#sim/kernel/contract.ts';
import { ec2Error } from './errors.ts';
import { compileFilters } from './filters.ts';
import { stateAt } from './instances.ts';
import { pager } from './pages.ts';
import type { InstanceRow } from './rows.ts';
import { selectRows } from './select.ts';
import { STATE_CODES, stateShape } from './views.ts';

/** Running instances only, unless `IncludeAllInstances`. Checks pass 2 to 4 minutes after the instance runs. */
export function describeInstanceStatus(call: Call, input: DescribeInstanceStatusCommandInput) {
  const cut = pager(input);
  if ((input.InstanceIds ?? []).length > 100) {
    throw ec2Error('InvalidParameterValue', 'Too many instance IDs: at most 100 can be given');
  }
  const system = (row: InstanceRow): string => systemStatus(row, call.now);
  const instance = (row: InstanceRow): string => instanceStatus(row, call.now);
  const matches = compileFilters<InstanceRow>(input.Filters, {
    'availability-zone': (row) => [row.zone],
    'instance-state-code': (row) => [String(STATE_CODES[stateAt(row, call.now)])],
    'instance-state-name': (row) => [stateAt(row, call.now)],
    'instance-status.status': (row) => [instance(row)],
    'instance-status.reachability': (row) => [REACHABILITY[instance(row)] ?? null],
    'system-status.status': (row) => [system(row)],
    'system-status.reachability': (row) => [REACHABILITY[system(row)] ?? null],
  });
  const rows = selectRows(call, input.InstanceIds).filter(
    (row) => (input.IncludeAllInstances === true || stateAt(row, call.now) === 'running') && matches(row),
  );
  const { items, next } = cut(rows);
  return { InstanceStatuses: items.map((row) => statusShape(call, row)), NextToken: next };
}

const REACHABILITY: Readonly<Record<string, string>> = {
  ok: 'passed',
  impaired: 'failed',
  initializing: 'initializing',
};

/** The hardware is always well: an impaired instance fails its own check. */
function systemStatus(row: InstanceRow, now: number): string {
  const status = instanceStatus(row, now);
  return status === 'impaired' ? 'ok' : status;
}

function instanceStatus(row: InstanceRow, now: number): string {
  if (stateAt(row, now) !== 'running') return 'not-applicable';
  return now < row.checks.doneAt ? 'initializing' : row.checks.result;
}

function statusShape(call: Call, row: InstanceRow): InstanceStatus {
  return {
    InstanceId: row.id,
    AvailabilityZone: row.zone,
    InstanceState: stateShape(stateAt(row, call.now)),
    InstanceStatus: summary(instanceStatus(row, call.now)),
    SystemStatus: summary(systemStatus(row, call.now)),
    Events: [],
  };
}

function summary(status: string): InstanceStatusSummary {
  const reachability = REACHABILITY[status];
  return {
    Status: status as NonNullable<InstanceStatusSummary['Status']>,
    Details:
      reachability === undefined
        ? []
        : [{ Name: 'reachability', Status: reachability as 'passed' | 'failed' | 'initializing' }],
  };
}
