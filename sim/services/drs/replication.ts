import type { StartReplicationCommandInput, StopReplicationCommandInput } from '@aws-sdk/client-drs';
import type { Call } from '#sim/kernel/contract.ts';
import { endedReplication, initialSync } from './replication-state.ts';
import { getSettings, getSourceServer, sourceServers } from './rows.ts';
import { sourceServerView } from './source-servers.ts';

/** Protects a stopped or disconnected server again, with a full synchronisation. */
export function startReplication(call: Call, input: StartReplicationCommandInput) {
  const { timing } = getSettings(call);
  const { id } = getSourceServer(call, input.sourceServerID);
  const replication = initialSync(call, timing.initialSyncSeconds * timing.scale);
  const row = sourceServers(call).patch(id, { replication });
  return { sourceServer: sourceServerView(call, row) };
}

/** Ends the protection of a server and deletes its snapshots. */
export function stopReplication(call: Call, input: StopReplicationCommandInput) {
  getSettings(call);
  const { id } = getSourceServer(call, input.sourceServerID);
  const replication = endedReplication(call, 'STOPPED');
  const row = sourceServers(call).patch(id, { replication });
  return { sourceServer: sourceServerView(call, row) };
}
