import {
  DescribeEventBusCommand,
  EventBridgeClient,
  ListEventBusesCommand,
  PutEventsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-eventbridge';
import { expect, test } from 'vitest';
import { ACCOUNT, START } from '../testing.ts';
import { wireWorld } from '../wire-testing.ts';
import { events as eventsOf } from './rows.ts';

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
  const kept = {
    dropped: false,
    source: 'breakwater',
    detailType: 'Wave completed',
    detail: '{"wave":1}',
    putAt: START,
  };
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
        { ...entry, Detail: '["a","list"]' },
        { ...entry, DetailType: 'x'.repeat(129) },
        { ...entry, EventBusName: 'flaky' },
        { ...entry, EventBusName: 'flaky' },
      ],
    }),
  );
  expect(FailedEntryCount).toBe(6);
  expect(Entries!.map(({ ErrorCode, EventId }) => ErrorCode ?? typeof EventId)).toEqual([
    'MalformedDetail',
    'NotAuthorizedForSourceException',
    'InvalidArgument',
    'MalformedDetail',
    'InvalidArgument',
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

test('entries of 256 KiB together are taken, one byte more is refused as a whole', async () => {
  // The time counts 14 bytes, source, detail type and resource the rest of the 64 that are not detail.
  const Resources = ['arn:aws:drs:eu-west-1:1:j'];
  const half = { ...entry, DetailType: 'x'.repeat(15), Resources, Time: new Date(START) };
  const detail = (bytes: number): string => `{"a":"${'x'.repeat(bytes - 8)}"}`;
  const put = (bytes: number) =>
    events.send(
      new PutEventsCommand({ Entries: [131_008, bytes].map((each) => ({ ...half, Detail: detail(each) })) }),
    );
  expect((await put(131_008)).FailedEntryCount).toBe(0);
  await expect(put(131_009)).rejects.toMatchObject({
    name: 'ValidationException',
    message: 'Total size of the entries in the request is over the limit.',
  });
});

test('an event for a bus that does not exist gets an id, and reaches nobody', async () => {
  const elsewhere = `arn:aws:events:eu-central-1:${ACCOUNT}:event-bus/dr-events`;
  const { Entries = [], FailedEntryCount } = await events.send(
    new PutEventsCommand({
      Entries: ['dr-evnets', elsewhere].map((EventBusName) => ({ ...entry, EventBusName })),
    }),
  );
  expect(FailedEntryCount).toBe(0);
  const scope = { world: sim.simulation.world, accountId: ACCOUNT, region: 'eu-west-1' };
  expect(
    Entries.map(({ EventId = '' }) => eventsOf(scope).get(EventId)).map((row) => [row?.bus, row?.dropped]),
  ).toEqual([
    ['dr-evnets', true],
    [elsewhere, true],
  ]);
});

test('buses are listed with the default one, by prefix and by page, and described by name or ARN', async () => {
  const arnOf = (name: string): string => `arn:aws:events:eu-west-1:${ACCOUNT}:event-bus/${name}`;
  const list = async (input: object) => {
    const { EventBuses = [], NextToken } = await events.send(new ListEventBusesCommand(input));
    return { names: EventBuses.map(({ Name }) => Name), NextToken };
  };
  expect((await list({})).names).toEqual(['default', 'dr-events', 'flaky']);
  expect((await list({ NamePrefix: 'dr-' })).names).toEqual(['dr-events']);
  const first = await list({ Limit: 2 });
  expect((await list({ Limit: 2, NextToken: first.NextToken })).names).toEqual(['flaky']);
  await expect(list({ NextToken: 'never given' })).rejects.toMatchObject({ name: 'ValidationException' });

  for (const { Name, is } of [
    { Name: undefined, is: 'default' },
    { Name: 'dr-events', is: 'dr-events' },
    { Name: arnOf('flaky'), is: 'flaky' },
  ]) {
    expect(await events.send(new DescribeEventBusCommand({ Name }))).toMatchObject({
      Name: is,
      Arn: arnOf(is),
    });
  }
  const unknown = events.send(new DescribeEventBusCommand({ Name: 'none' }));
  await expect(unknown).rejects.toBeInstanceOf(ResourceNotFoundException);
  await expect(unknown).rejects.toThrow('Event bus none does not exist.');
});
