import type { ResourceOutcome } from '#core/outcome.ts';
import type { RemoteExecution, RemoteServer } from './solution-door.ts';

/** What became of a remote execution that has ended, by its servers and not by its word. */
export interface Verdict {
  /** What is wrong with the execution as a whole; its servers that were not launched come on top. */
  readonly problems: readonly string[];
  readonly launched: number;
  readonly notLaunched: number;
  /** One row a server. */
  readonly outcomes: readonly ResourceOutcome[];
}

export interface JudgeParams {
  readonly allowEmptyWaves: boolean;
  /** ISO 8601. */
  readonly now: string;
}

/**
 * Believes `COMPLETED` only if every server of every wave was launched: existing solutions call a wave complete whose tags match
 * nothing, or whose job is gone. A wave without a server is a failure unless the plan allows it.
 */
export function judge(execution: RemoteExecution, { allowEmptyWaves, now }: JudgeParams): Verdict {
  const servers = serversOf(execution);
  const launched = servers.filter(({ status }) => status === 'launched').length;
  return {
    problems: [
      ...endProblems(execution),
      ...(allowEmptyWaves || hasFailed(execution) ? [] : emptyProblems(execution, servers.length)),
    ],
    launched,
    notLaunched: servers.length - launched,
    outcomes: servers.map((server) => finalOutcome(server, execution, now)),
  };
}

/** Each server once; of one that several waves name, the worst. */
export function serversOf({ waves }: RemoteExecution): RemoteServer[] {
  const worst = { failed: 0, pending: 1, launched: 2 };
  const byId = new Map<string, RemoteServer>();
  for (const server of waves.flatMap((wave) => wave.servers)) {
    const known = byId.get(server.sourceServerId);
    if (known === undefined || worst[server.status] < worst[known.status])
      byId.set(server.sourceServerId, server);
  }
  return [...byId.values()];
}

function hasFailed({ status }: RemoteExecution): boolean {
  return status === 'failed' || status === 'cancelled';
}

function endProblems(execution: RemoteExecution): string[] {
  const { statusThere, message, waves, totalWaves = waves.length } = execution;
  if (hasFailed(execution))
    return [`it ended ${statusThere} there${message === undefined ? '' : `: ${message}`}`];
  return waves.length < totalWaves
    ? [`it is ${statusThere} there, but only ${waves.length} of its ${totalWaves} waves show`]
    : [];
}

function emptyProblems({ statusThere, waves }: RemoteExecution, servers: number): string[] {
  if (servers === 0) return [`it is ${statusThere} there, but has launched no server at all`];
  return waves
    .filter((wave) => wave.servers.length === 0)
    .map((wave) => `wave ${wave.name} is ${wave.statusThere} there without a single server`);
}

function finalOutcome(server: RemoteServer, execution: RemoteExecution, now: string): ResourceOutcome {
  const { startedAt, completedAt = now, executionId } = execution;
  const common = {
    resourceId: server.sourceServerId,
    ...(startedAt === undefined ? {} : { startedAt }),
    completedAt,
    detail: `execution ${executionId} there`,
  };
  if (server.status === 'launched') {
    return {
      ...common,
      status: 'completed',
      ...(server.recovered === undefined
        ? { detail: `${common.detail}; it does not tell the recovery instance` }
        : { result: { ...server.recovered } }),
    };
  }
  const why = server.message === undefined ? '' : `: ${server.message}`;
  const message = `it was not launched: its status there is ${server.statusThere || 'not given'}${why}`;
  return { ...common, status: 'failed', error: { code: 'RecoveryFailed', message } };
}
