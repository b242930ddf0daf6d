import { readFileSync } from 'node:fs';
import { BreakwaterClient } from './breakwater.ts';
import { followEvents } from './follow-events.ts';
import { ProblemError } from './transport.ts';

const client = new BreakwaterClient({
  url: process.env['BREAKWATER_URL'] ?? 'http://127.0.0.1:8080',
  token: process.env['BREAKWATER_TOKEN'] ?? '',
});

try {
  await client.createPlan({ body: readFileSync('examples/core-banking/plan.yaml', 'utf8') });
} catch (error) {
  if (!(error instanceof ProblemError && error.code === 'AlreadyExists')) throw error;
}
const started = await client.startExecution({
  body: { planId: 'core-banking', mode: 'drill', reason: 'monthly drill' },
});
const { executionId } = started.data;
for await (const { code, message, data } of followEvents(client, { executionId })) {
  process.stdout.write(`${message}\n`);
  if (code === 'GateOpened' && data['kind'] === 'pause')
    await client.actAtGate({ executionId, gateId: String(data['gateId']), body: { action: 'resume' } });
}
const { data: exported } = await client.exportExecution({ executionId });
process.stdout.write(`${exported.execution.status}, RTO ${exported.rto.met ? 'met' : 'missed'}\n`);
