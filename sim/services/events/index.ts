import type { Handlers, ServiceDefinition } from '#sim/kernel/contract.ts';
import { describeEventBus, listEventBuses } from './buses.ts';
import { putEvents } from './put-events.ts';
import { EventsSection, seed } from './scenario.ts';

export const service: ServiceDefinition = {
  name: 'events',
  operations: {
    DescribeEventBus: describeEventBus,
    ListEventBuses: listEventBuses,
    PutEvents: putEvents,
  } satisfies Handlers<typeof import('@aws-sdk/client-eventbridge')>,
  scenario: EventsSection,
  seed,
};
