import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { expect, test } from 'vitest';
import { ACCOUNT, START } from '../testing.ts';
import { wireWorld } from '../wire-testing.ts';

const buses = [{ name: 'dr-events' }, { name: 'flaky', refuses: 'InternalFailure', times: 1 }];
const sim = wireWorld({ regions: { 'eu-west-1': { events: { buses } } } });
const events = new EventBridgeClient(sim.client());
const entry = { Source: 'breakwater', DetailType: 'Wave completed', Detail: '{"wave":1}' };

test('an event is kept, on the named bus or on the default one', async () => {
  const { Entries = [], FailedEntryCount } = await events.send(
    new PutEventsCommand({
      Entries: [
        { ...entry, EventBusName: `arn:aws:events:eu-west-1:${ACCOUNT}:event-bus/dr-events` },
        { ...entry, Resources: ['arn:aws:drs:eu-west-1:1:job/j'], Time: new Date('2026-03-01T09:00:00Z') },
      ],
    }),
  );
  expect(FailedEntryCount).toBe(0);
  const kept = { source: 'breakwater', detailType: 'Wave completed', detail: '{"wave":1}', putAt: START };
  expect(
    sim.simulation.world.table({ accountId: ACCOUNT, region: 'eu-west-1' }, 'events.events').all(),
  ).toEqual([
    { ...kept, id: Entries[0]!.EventId, bus: 'dr-events', resources: [], time: START },
    {
      ...kept,
      id: Entries[1]!.EventId,
      bus: 'default',
      resources: ['arn:aws:drs:eu-west-1:1:job/j'],
      time: Date.parse('2026-03-01T09:00:00Z'),
    },
  ]);
});

test('entries are refused one by one', async () => {
  const { Entries, FailedEntryCount } = await events.send(
    new PutEventsCommand({
      Entries: [
        { ...entry, Detail: 'none' },
        { ...entry, Source: 'aws.drs' },
        { Source: 'breakwater', DetailType: 'x' },
        { ...entry, EventBusName: 'none' },
        { ...entry, EventBusName: 'flaky' },
        { ...entry, EventBusName: 'flaky' },
      ],
    }),
  );
  expect(FailedEntryCount).toBe(5);
  expect(Entries!.map(({ ErrorCode, EventId }) => ErrorCode ?? typeof EventId)).toEqual([
    'MalformedDetail',
    'NotAuthorizedForSourceException',
    'InvalidArgument',
    'ResourceNotFoundException',
    'InternalFailure',
    'string',
  ]);
});

test('a request of no entries, or of eleven, is refused as a whole', async () => {
  for (const count of [0, 11]) {
    const Entries = Array.from({ length: count }, () => entry);
    await expect(events.send(new PutEventsCommand({ Entries }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  }
});
