import type { ResourceOutcome } from '#core/outcome.ts';
import type { RemoteInput } from './remote-schema.ts';
import { MOST_TRACKED, type RemoteState } from './remote-state.ts';
import { serversOf } from './remote-verdict.ts';
import type { RemoteExecution, RemoteServer, SolutionDoor } from './solution-door.ts';

type Servers = RemoteState['servers'];

const LETTERS = { pending: 'p', launched: 'l', failed: 'f' } as const;

/** The plan there is a resource as well: what is wrong with it as a whole is wrong with no server. */
export function planRow(
  { resources }: RemoteInput,
  status: ResourceOutcome['status'],
  detail?: string,
): ResourceOutcome {
  return { resourceId: resources.recoveryPlanId, status, ...(detail === undefined ? {} : { detail }) };
}

/** How far the execution there is, in words; a person who has to act there is told where. */
export function describeRemote(
  { name, placeOf }: Pick<SolutionDoor, 'name' | 'placeOf'>,
  execution: RemoteExecution,
): string {
  const { executionId, statusThere, status, isKnown, message } = execution;
  const servers = serversOf(execution);
  const count = (wanted: RemoteServer['status']): number =>
    servers.filter((one) => one.status === wanted).length;
  const counts = `${count('launched')} launched, ${count('failed')} failed, ${count('pending')} waiting`;
  return [
    `${name}: execution ${executionId} is ${statusThere} there: ${counts}`,
    ...(isKnown ? [] : ['this status is not known here and counts as running']),
    ...(status === 'waiting'
      ? [`somebody has to act there${message === undefined ? '' : ` (${message})`}: ${placeOf(executionId)}`]
      : []),
  ].join('; ');
}

/** Rows of the servers that are new, or further on than when they were last reported. */
export function reportChanges(
  execution: RemoteExecution,
  before: Servers,
): { outcomes: ResourceOutcome[]; servers: Servers } {
  const servers = serversOf(execution);
  if (servers.length > MOST_TRACKED) return { outcomes: [], servers: {} };
  const changed = servers.filter((server) => before[server.sourceServerId] !== LETTERS[server.status]);
  return {
    outcomes: changed.map((server) => rowOf(server, execution)),
    servers: Object.fromEntries(servers.map((server) => [server.sourceServerId, LETTERS[server.status]])),
  };
}

function rowOf(
  { sourceServerId, status, statusThere, recovered }: RemoteServer,
  { executionId }: RemoteExecution,
): ResourceOutcome {
  const row = { resourceId: sourceServerId, detail: `execution ${executionId} there` };
  switch (status) {
    case 'pending':
      return { ...row, status: 'in_progress' };
    case 'launched':
      return {
        ...row,
        status: 'completed',
        ...(recovered === undefined ? {} : { result: { ...recovered } }),
      };
    case 'failed':
      return {
        ...row,
        status: 'failed',
        error: { code: 'RecoveryFailed', message: `its status there is ${statusThere}` },
      };
  }
}
