import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { describe, expect, test } from 'vitest';
import type { Scope, ServiceDefinition } from '#sim/kernel/contract.ts';
import type { Table, World } from '#sim/kernel/world.ts';
import { service as eventsService } from './events/index.ts';
import { events } from './events/rows.ts';
import { KEPT_ROWS } from './keep-latest.ts';
import { service as snsService } from './sns/index.ts';
import { messages } from './sns/rows.ts';
import { ACCOUNT, testWorld } from './testing.ts';
import { wireWorld, type WireWorld } from './wire-testing.ts';

const REGION = 'eu-west-1';
const sections = { sns: { topics: [{ name: 'dr-notices' }] } };
const publishing = { TopicArn: `arn:aws:sns:${REGION}:${ACCOUNT}:dr-notices`, Message: 'Wave 1 completed' };
const putting = { Entries: [{ Source: 'breakwater', DetailType: 'Wave completed', Detail: '{}' }] };

interface Sender {
  readonly service: string;
  readonly operation: string;
  readonly input: object;
  readonly definition: ServiceDefinition;
  readonly send: (sim: WireWorld) => Promise<unknown>;
  /** The messages or events that have arrived. */
  readonly rows: (scope: Scope & { readonly world: World }) => Table<{ readonly id: string }>;
  readonly throttled: string;
  readonly denied: string;
}

const scopeOf = ({ world }: { readonly world: World }) => ({ world, accountId: ACCOUNT, region: REGION });

describe.each<Sender>([
  {
    service: 'sns',
    operation: 'Publish',
    input: publishing,
    definition: snsService,
    send: (sim) => new SNSClient(sim.client()).send(new PublishCommand(publishing)),
    rows: messages,
    throttled: 'ThrottledException',
    denied: 'AuthorizationErrorException',
  },
  {
    service: 'events',
    operation: 'PutEvents',
    input: putting,
    definition: eventsService,
    send: (sim) => new EventBridgeClient(sim.client()).send(new PutEventsCommand(putting)),
    rows: events,
    throttled: 'ThrottlingException',
    denied: 'AccessDeniedException',
  },
])('what is sent by $service', ({ service, operation, input, definition, send, rows, throttled, denied }) => {
  const arrived = ({ simulation }: WireWorld): number => rows(scopeOf(simulation)).size;
  const world = (faults: object[], account: object = {}) =>
    wireWorld({ regions: { [REGION]: sections }, ...account }, { faults });

  test('has arrived although the answer is lost, and arrives twice if it is sent again', async () => {
    const sim = world([{ fault: 'responseLost', service, operation, times: 1 }]);
    await expect(send(sim)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(arrived(sim)).toBe(1);
    await send(sim);
    expect(arrived(sim)).toBe(2);
    expect(sim.simulation.stats.effects({ service, operation })).toBe(2);
  });

  test.each([
    { name: 'is throttled', fault: { fault: 'throttle', service }, error: { name: throttled } },
    {
      name: 'finds its Region down',
      fault: { fault: 'regionDown', region: REGION },
      error: { code: 'ECONNREFUSED' },
    },
    {
      name: 'meets an error of the scenario',
      fault: { fault: 'error', code: 'InternalFailure', httpStatus: 500 },
      error: { name: 'InternalFailure', $metadata: { httpStatusCode: 500 } },
    },
  ])('does not arrive if the request $name', async ({ fault, error }) => {
    const sim = world([{ ...fault, times: 1 }]);
    await expect(send(sim)).rejects.toMatchObject(error);
    expect(arrived(sim)).toBe(0);
    await send(sim);
    expect(arrived(sim)).toBe(1);
  });

  test('does not arrive if the caller may not send', async () => {
    const sim = world([], { denies: [`${service}:${operation}`] });
    const refused = send(sim);
    await expect(refused).rejects.toMatchObject({ name: denied });
    await expect(refused).rejects.toThrow(`is not authorized to perform: ${service}:${operation}`);
    expect(arrived(sim)).toBe(0);
  });

  test('is kept up to a limit, the latest of it', () => {
    const sim = testWorld([definition], { sns: { [REGION]: sections.sns } });
    const kept = rows(scopeOf(sim));
    sim.invoke(operation, input);
    const [first] = kept.all();
    for (let count = 1; count <= KEPT_ROWS; count++) sim.invoke(operation, input);
    expect(kept.size).toBe(1_000);
    expect(kept.has(first!.id)).toBe(false);
  });
});
