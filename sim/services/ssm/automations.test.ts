import type { GetAutomationExecutionCommandOutput } from '@aws-sdk/client-ssm';
import { expect, test } from 'vitest';
import { testWorld } from '../testing.ts';
import { service } from './index.ts';

const sim = testWorld([service], {
  ssm: {
    'eu-west-1': {
      documents: [
        { name: 'Bank-Ticket', type: 'Automation' },
        { name: 'Bank-Broken', type: 'Automation' },
      ],
      scripts: [{ match: 'Bank-Broken', durationSeconds: 5, exitCode: 1 }],
      parameters: { '/bank/db': 'ledger' },
    },
  },
});

function run(input: object): string {
  return sim.invoke<{ AutomationExecutionId: string }>('StartAutomationExecution', input)
    .AutomationExecutionId;
}

function statusOf(AutomationExecutionId: string): string | undefined {
  const output = sim.invoke<GetAutomationExecutionCommandOutput>('GetAutomationExecution', {
    AutomationExecutionId,
  });
  return output.AutomationExecution!.AutomationExecutionStatus;
}

test('a runbook succeeds after about a second', () => {
  const id = run({ DocumentName: 'Bank-Ticket' });
  expect(statusOf(id)).toBe('InProgress');
  sim.pass(2);
  expect(statusOf(id)).toBe('Success');
});

test('a runbook declared to fail fails', () => {
  const id = run({ DocumentName: 'Bank-Broken' });
  sim.pass(5);
  expect(statusOf(id)).toBe('Failed');
});

test('the same client token gives the same execution; with other parameters it is refused', () => {
  const ClientToken = '6a8d2c1e-0000-4000-8000-000000000001';
  const first = run({ DocumentName: 'Bank-Ticket', ClientToken });
  expect(run({ DocumentName: 'Bank-Ticket', ClientToken: ClientToken.toUpperCase() })).toBe(first);
  expect(sim.refused('StartAutomationExecution', { DocumentName: 'Bank-Broken', ClientToken }).code).toBe(
    'IdempotentParameterMismatch',
  );
});

test('parameters are read by name, and unknown names are listed', () => {
  expect(sim.invoke('GetParameter', { Name: '/bank/db' })).toMatchObject({ Parameter: { Value: 'ledger' } });
  expect(sim.invoke('GetParameters', { Names: ['/bank/db', '/x'] })).toMatchObject({
    InvalidParameters: ['/x'],
  });
  expect(sim.refused('GetParameter', { Name: '/x' }).code).toBe('ParameterNotFound');
});
