import { readFileSync } from 'node:fs';
import { BreakwaterClient } from './breakwater.ts';
import { followEvents } from './follow-events.ts';
import { ProblemError } from './transport.ts';

const { BREAKWATER_URL: url = 'http://127.0.0.1:8080', BREAKWATER_TOKEN: token = '' } = process.env;
const client = new BreakwaterClient({ url, token });

try {
  await client.createPlan({ body: readFileSync('examples/core-banking/plan.yaml', 'utf8') });
} catch (error) {
  if (!(error instanceof ProblemError && error.code === 'AlreadyExists')) throw error;
}

const started = await client.startExecution({ body: { planId: 'core-banking', mode: 'drill' } });
const { executionId } = started.data;
for await (const { code, message, data } of followEvents(client, { executionId })) {
  process.stdout.write(`${message}\n`);
  if (code === 'GateOpened' && data['kind'] === 'pause')
    await client.actAtGate({ executionId, gateId: String(data['gateId']), body: { action: 'resume' } });
}

const { execution, rto } = (await client.exportExecution({ executionId })).data;
process.stdout.write(`${execution.status}; RTO of ${rto.objective} met: ${rto.met}\n`);
