import { expect, test } from 'vitest';
import { EVENTS } from './events.ts';

const DATA = {
  mode: 'drill',
  planName: 'Core banking',
  initiatedBy: 'ana',
  by: 'ana',
  reason: 'because',
  waveNumber: 2,
  name: 'App',
  message: 'no capacity',
  technology: 'drs/recovery',
  attempt: 1,
  detail: '3 of 4',
  resourceId: 's-1',
  status: 'failed',
  kind: 'pause',
  action: 'resume',
  outcome: 'clean',
  expectedDuration: 'PT9M',
  warnings: 0,
  waves: 3,
  gateId: 'w2-approval',
  approvals: 1,
  required: 2,
  changeTicket: 'CHG-1',
  difference: 'wave 1, servers: added s-1',
  lag: 'PT1H',
  jobId: 'drsjob-1',
  result: 'SUCCEEDED',
};

test('every event says in words what happened, without a hole', () => {
  for (const [code, { describe }] of Object.entries(EVENTS)) {
    const words = (describe as (data: object) => string)(DATA);
    expect(words, code).not.toMatch(/undefined|null|\[object/);
    expect(words.length, code).toBeGreaterThan(5);
  }
});

test('what is optional is left out of the words', () => {
  const { reason: _, detail: __, ...data } = DATA;
  expect(EVENTS.ExecutionCancelRequested.describe(data)).toBe('cancel requested by ana');
  expect(EVENTS.ResourceChanged.describe(data)).toBe('s-1 failed');
  const { changeTicket: ____, lag: _____, ...untold } = data;
  expect(EVENTS.ReplicationStalled.describe(untold)).toBe(
    'drs/recovery: replication of s-1 has stalled; its last point in time ages',
  );
  expect(EVENTS.ApprovalGiven.describe(untold)).toBe('ana approved at gate w2-approval: 1 of 2');
  expect(EVENTS.GateOpened.describe({ ...data, waveNumber: 0, reason: 'r' })).toBe(
    'pause gate of the execution: r',
  );
  expect(EVENTS.GateClosed.describe(data)).toBe('pause gate of wave 2 closed: resume by ana');
});

test.each([
  { expectedDuration: 'PT10M21S', waves: 1, words: 'plan of 1 wave validated, expected to take 10 min 21 s' },
  { expectedDuration: 'PT1H', waves: 2, words: 'plan of 2 waves validated, expected to take 1 h' },
  { expectedDuration: 'PT0S', waves: 2, words: 'plan of 2 waves validated, expected to take 0 s' },
  { expectedDuration: 'unknown', waves: 2, words: 'plan of 2 waves validated, expected to take unknown' },
])('durations and counts are words for people: $words', ({ words, ...data }) => {
  expect(EVENTS.ExecutionValidated.describe({ ...DATA, ...data })).toBe(words);
});
