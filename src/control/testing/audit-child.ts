import { createHash } from 'node:crypto';
import { openDynamoDb } from '#aws/open-dynamodb.ts';
import { systemClock } from '#clocks/system.ts';
import { announcementOf } from '#store/audit-rows.ts';
import { DynamoDbStore } from '#store/dynamodb/dynamodb-store.ts';
import { ExecutionRepository } from '#store/executions.ts';
import { createAudit } from '../audit.ts';

/*
 * A process that acts, lets executions emit events and chains, as fast as it can, while others do the same on the same records. It
 * says a line of each act as soon as that is durable. `audit-child.ts ENDPOINT PREFIX NAME ROUNDS EXECUTION…`
 */
const [endpoint, prefix, name, rounds, ...executionIds] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  ...string[],
];
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const dynamoDb = openDynamoDb({ clock: systemClock(), region: 'eu-central-1', endpoint, credentials });
const store = new DynamoDbStore({ dynamoDb, prefix });
const executions = new ExecutionRepository({ store, now: Date.now });
const audit = createAudit({
  store,
  executions,
  hash: (text) => createHash('sha256').update(text).digest('hex'),
  serverId: 's1',
  realNow: Date.now,
  newId: () => name,
  onFailure: (error) => {
    throw error;
  },
});

for (let round = 0; round < Number(rounds); round++) {
  const target = `${name}/${round}`;
  await store.write([announcementOf({ action: 'plan.update', by: 'ana', target, data: {} }, target)]);
  process.stdout.write(`${target}\n`);
  const executionId = executionIds[round % executionIds.length]!;
  await executions.change(executionId, (change) => change.emit('ExecutionPaused'));
  if (round % 3 === 2) await audit.catchUp();
}
