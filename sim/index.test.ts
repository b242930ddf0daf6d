import { DescribeDBClustersCommand, FailoverDBClusterCommand, RDSClient } from '@aws-sdk/client-rds';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { virtualClock } from '#clocks/virtual.ts';
import { createSimulation, parseScenario, readScenario, ScenarioError } from './index.ts';

function start() {
  const scenario = parseScenario({
    name: 'bank',
    startsAt: '2026-03-01T10:00:00Z',
    accounts: [
      {
        accountId: '111111111111',
        name: 'recovery',
        regions: { 'us-west-2': { rds: { clusters: [{ id: 'core-db' }] } } },
      },
      { accountId: '222222222222', secretAccessKey: 'own', regions: { 'us-east-1': {} } },
    ],
  });
  const clock = virtualClock({ startsAt: scenario.startsAt });
  const simulation = createSimulation({ scenario, clock });
  const rds = new RDSClient(simulation.clientConfig({ accountId: '111111111111', region: 'us-west-2' }));
  return { clock, simulation, rds };
}

test('a simulation says which accounts and Regions it has, and how to act in them', () => {
  const { simulation } = start();

  expect(simulation.accounts).toEqual([
    {
      accountId: '111111111111',
      name: 'recovery',
      accessKeyId: 'AKIASIMU111111111111',
      secretAccessKey: 'secret-of-111111111111',
    },
    {
      accountId: '222222222222',
      name: '222222222222',
      accessKeyId: 'AKIASIMU222222222222',
      secretAccessKey: 'own',
    },
  ]);
  expect(simulation.regions).toEqual(['us-east-1', 'us-west-2']);
});

test('calls in the same process take no virtual time, even with a timer waiting', async () => {
  const { clock, rds } = start();
  const waiting = clock.sleep(1_000);
  const before = clock.now();

  for (let call = 0; call < 5; call++) await rds.send(new DescribeDBClustersCommand({}));

  expect(clock.now()).toBe(before);
  await waiting;
  expect(clock.now()).toBe(before + 1_000);
});

test('settings for a client name an account of the scenario', () => {
  expect(() => start().simulation.clientConfig({ accountId: '333333333333', region: 'us-west-2' })).toThrow(
    'the scenario has no account 333333333333',
  );
});

test('the world goes on in simulated time between requests', async () => {
  const { clock, rds } = start();
  await rds.send(new FailoverDBClusterCommand({ DBClusterIdentifier: 'core-db' }));
  const status = async () => (await rds.send(new DescribeDBClustersCommand({}))).DBClusters?.[0]?.Status;

  expect(await status()).toBe('failing-over');
  await clock.sleep(120_000);
  expect(await status()).toBe('available');
});

test('a closed simulation listens no more', async () => {
  const { simulation } = start();
  const { url } = await simulation.listen();
  expect((await fetch(url)).status).toBe(403);

  await simulation.close();

  await expect(fetch(url)).rejects.toThrow();
});

test('the estate of the example is a scenario', () => {
  const estate = readFileSync(new URL('../examples/core-banking/estate.yaml', import.meta.url), 'utf8');

  expect(readScenario(estate)).toMatchObject({ name: 'core-banking' });
  expect(() => readScenario(`${estate}\ncolour: red\n`)).toThrow(ScenarioError);
});
