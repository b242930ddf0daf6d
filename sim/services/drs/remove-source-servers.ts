import type { DeleteSourceServerCommandInput, DisconnectSourceServerCommandInput } from '@aws-sdk/client-drs';
import type { Call } from '#sim/kernel/contract.ts';
import { conflict } from './errors.ts';
import { checkFree } from './quotas.ts';
import { endedReplication, replicationAt } from './replication-state.ts';
import { getSettings, getSourceServer, sourceServers } from './rows.ts';
import { sourceServerView } from './source-servers.ts';

/** Ends replication at once. Refused while the server has a recovery instance. */
export function disconnectSourceServer(call: Call, input: DisconnectSourceServerCommandInput) {
  getSettings(call);
  const server = getSourceServer(call, input.sourceServerID);
  if (server.recoveryInstanceId !== null) {
    throw conflict(`Source server ${server.id} has a Recovery Instance: terminate or disconnect it first`);
  }
  checkFree(call, [server]);
  const replication = {
    ...endedReplication(call, 'DISCONNECTED'),
    snapshotsSince: server.replication.snapshotsSince,
  };
  return sourceServerView(call, sourceServers(call).patch(server.id, { replication }));
}

/** Removes a disconnected server and its snapshots. */
export function deleteSourceServer(call: Call, input: DeleteSourceServerCommandInput) {
  getSettings(call);
  const server = getSourceServer(call, input.sourceServerID);
  if (replicationAt(server.replication, call.now).state !== 'DISCONNECTED') {
    throw conflict(`Source server ${server.id} must be disconnected before it is deleted`);
  }
  checkFree(call, [server]);
  sourceServers(call).remove(server.id);
  return {};
}
