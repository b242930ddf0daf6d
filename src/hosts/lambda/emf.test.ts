import { expect, test } from 'vitest';
import { readEmf } from './testing/read-emf.ts';
import { emfLine } from './emf.ts';
import { METRICS } from './metric-names.ts';

test('a line says each metric with its unit and its dimensions, and their values at its root', () => {
  const line = emfLine(
    1_700_000_000_000,
    { ReplicationLagSeconds: 90, StalledServers: 0 },
    { AccountId: '111122223333', Region: 'eu-central-1' },
  );
  expect(JSON.parse(line)).toEqual({
    _aws: {
      Timestamp: 1_700_000_000_000,
      CloudWatchMetrics: [
        {
          Namespace: 'Breakwater',
          Dimensions: [['AccountId', 'Region'], []],
          Metrics: [{ Name: 'ReplicationLagSeconds', Unit: 'Seconds' }],
        },
        {
          Namespace: 'Breakwater',
          Dimensions: [['AccountId', 'Region'], []],
          Metrics: [{ Name: 'StalledServers', Unit: 'Count' }],
        },
      ],
    },
    AccountId: '111122223333',
    Region: 'eu-central-1',
    ReplicationLagSeconds: 90,
    StalledServers: 0,
  });
});

test.each(Object.keys(METRICS) as (keyof typeof METRICS)[])('%s is as CloudWatch takes it', (name) => {
  const where = { Kind: 'pause', AccountId: '111122223333', Region: 'eu-central-1' };
  expect(readEmf(emfLine(1_700_000_000_000, { [name]: 1 }, where))).toMatchObject({ [name]: 1 });
});
