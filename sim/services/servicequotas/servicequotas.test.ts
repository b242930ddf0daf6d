import {
  GetServiceQuotaCommand,
  ListServiceQuotasCommand,
  ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas';
import { expect, test } from 'vitest';
import { virtualClock } from '#clocks/virtual.ts';
import { createSimulation, parseScenario } from '#sim/index.ts';
import { rejection } from '#sim/kernel/testing.ts';

function start() {
  const scenario = parseScenario({
    name: 'quotas',
    startsAt: '2026-03-01T10:00:00Z',
    accounts: [{ accountId: '111111111111', regions: { 'us-west-2': { drs: {} } } }],
  });
  const simulation = createSimulation({ scenario, clock: virtualClock({ startsAt: scenario.startsAt }) });
  return new ServiceQuotasClient({
    region: 'us-west-2',
    credentials: simulation.accounts[0]!,
    requestHandler: simulation.requestHandler(),
    maxAttempts: 1,
  });
}

test('a quota has the value that its service keeps to', async () => {
  const { Quota } = await start().send(
    new GetServiceQuotaCommand({ ServiceCode: 'drs', QuotaCode: 'L-B827C881' }),
  );

  expect(Quota).toMatchObject({
    Value: 100,
    QuotaCode: 'L-B827C881',
    QuotaArn: 'arn:aws:servicequotas:us-west-2:111111111111:drs/L-B827C881',
  });
});

test('all quotas of a service come in pages', async () => {
  const client = start();
  const all = (await client.send(new ListServiceQuotasCommand({ ServiceCode: 'drs' }))).Quotas ?? [];
  const first = await client.send(new ListServiceQuotasCommand({ ServiceCode: 'drs', MaxResults: 2 }));
  const rest = await client.send(
    new ListServiceQuotasCommand({ ServiceCode: 'drs', NextToken: first.NextToken }),
  );

  expect(first.Quotas).toEqual(all.slice(0, 2));
  expect(rest.Quotas).toEqual(all.slice(2));
});

test('a service or a quota that does not exist is refused', async () => {
  const client = start();

  expect(await rejection(client.send(new ListServiceQuotasCommand({ ServiceCode: 's3' })))).toMatchObject({
    name: 'NoSuchResourceException',
  });
  expect(
    await rejection(client.send(new GetServiceQuotaCommand({ ServiceCode: 'drs', QuotaCode: 'L-0' }))),
  ).toMatchObject({ name: 'NoSuchResourceException' });
});
