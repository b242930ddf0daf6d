import type { DescribeJobLogItemsCommandInput, JobLogEvent, JobLogEventData } from '@aws-sdk/client-drs';
import type { Call } from '#sim/kernel/contract.ts';
import { getJob } from './describe-jobs.ts';
import { pageOf } from './pages.ts';
import { getSettings, type JobRow, type JobServer, type LaunchJobRow, type TerminateJobRow } from './rows.ts';

interface LogItem {
  readonly at: number;
  readonly event: string;
  readonly eventData: JobLogEventData;
}

/**
 * What a job has done so far: server by server, each newest first, and so not in order of time, as on AWS. The events
 * are AWS's own, `LAUNCH_END` included, which recorded logs contain although the enumeration does not.
 */
export function describeJobLogItems(call: Call, input: DescribeJobLogItemsCommandInput) {
  getSettings(call);
  const items = itemsOf(getJob(call, input.jobID)).filter(({ at }) => at <= call.now);
  const { items: page, ...more } = pageOf(items, input);
  return {
    items: page.map(({ at, event, eventData }) => ({
      logDateTime: new Date(at).toISOString(),
      event: event as JobLogEvent,
      eventData,
    })),
    ...more,
  };
}

function itemsOf(job: JobRow): LogItem[] {
  return [
    { at: job.endsAt, event: 'JOB_END', eventData: {} },
    ...(job.type === 'LAUNCH'
      ? job.servers.flatMap((server) => launchItems(job, server))
      : terminateItems(job)),
    { at: job.startsAt, event: 'JOB_START', eventData: {} },
  ];
}

function launchItems(job: LaunchJobRow, server: JobServer): LogItem[] {
  const { sourceServerId: sourceServerID, conversionServerId: conversionServerID } = server;
  const item = (at: number, event: string, more: JobLogEventData = {}): LogItem => ({
    at,
    event,
    eventData: { sourceServerID, ...more },
  });
  const rawError = server.error ?? '';
  const { outcome } = server;
  const items: LogItem[] = [];
  if (server.replaces !== null && outcome !== 'nothing' && outcome !== 'no-snapshot') {
    items.push(
      item((job.startsAt + server.snapshotStart) / 2, 'CLEANUP_START', { targetInstanceID: server.replaces }),
    );
    items.push(item(server.snapshotStart, 'CLEANUP_END', { targetInstanceID: server.replaces }));
  }
  items.push(item(server.snapshotStart, 'SNAPSHOT_START'));
  if (outcome === 'no-snapshot')
    return [item(server.snapshotEnd, 'SNAPSHOT_FAIL', { rawError }), ...items.reverse()];
  items.push(
    item(server.snapshotEnd, server.usesPreviousSnapshot ? 'USING_PREVIOUS_SNAPSHOT' : 'SNAPSHOT_END'),
  );
  if (outcome === 'nothing') return items.reverse();
  items.push(item(server.conversionStart, 'CONVERSION_START', { conversionServerID }));
  if (outcome === 'stuck') return items.reverse();
  if (outcome === 'conversion-failed') {
    items.push(item(server.conversionEnd, 'CONVERSION_FAIL', { conversionServerID, rawError }));
    return items.reverse();
  }
  items.push(item(server.conversionEnd, 'CONVERSION_END', { conversionServerID }));
  items.push(item(server.launchStart, 'LAUNCH_START'));
  items.push(
    outcome === 'launched'
      ? item(server.launchEnd, 'LAUNCH_END', { targetInstanceID: server.recoveryInstanceId })
      : item(server.launchEnd, 'LAUNCH_FAILED', { rawError }),
  );
  return items.reverse();
}

function terminateItems(job: TerminateJobRow): LogItem[] {
  return job.servers.flatMap(({ sourceServerId, recoveryInstanceId, doneAt }) => {
    const eventData = { sourceServerID: sourceServerId, targetInstanceID: recoveryInstanceId };
    return [
      { at: doneAt, event: 'CLEANUP_END', eventData },
      { at: job.startsAt, event: 'CLEANUP_START', eventData },
    ];
  });
}
