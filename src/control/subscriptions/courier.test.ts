import { expect, test } from 'vitest';
import { createAws } from '#aws/create-aws.ts';
import { ALL_SERVICES } from '#aws/services/all.ts';
import { virtualClock } from '#clocks/virtual.ts';
import { createSimulation, defaultAccessKey, parseScenario } from '#sim/index.ts';
import { createCourier, type Letter } from './courier.ts';
import type { Target } from './target.ts';
import { NOW, testPlane } from '../testing/plane.ts';

const [OWN, OTHER, REGION] = ['111122223333', '444455556666', 'eu-central-1'];
const letter: Letter = {
  executionId: 'exec-1',
  sequence: 7,
  at: '2026-11-24T10:00:00.000Z',
  code: 'WaveFailed',
  level: 'error',
  message: 'wave 2 (Web) failed: no',
  data: { waveNumber: 2 },
};

function bench({ faults = [] }: { faults?: object[] } = {}) {
  const clock = virtualClock({ startsAt: NOW });
  const section = { sns: { topics: [{ name: 'dr' }] }, events: { buses: [{ name: 'dr' }] } };
  const scenario = parseScenario({
    name: 'notices',
    startsAt: new Date(NOW).toISOString(),
    faults,
    accounts: [
      { accountId: OWN, regions: { [REGION]: section } },
      {
        accountId: OTHER,
        roles: [{ name: 'breakwater', externalId: 'bw-1', trusts: [OWN] }],
        regions: { [REGION]: section },
      },
    ],
  });
  const simulation = createSimulation({ scenario, clock });
  const accounts = new Map([
    [OTHER, { roleArn: `arn:aws:iam::${OTHER}:role/breakwater`, externalId: 'wrong' }],
  ]);
  const newDoor = () =>
    createAws({
      services: ALL_SERVICES,
      clock,
      region: 'us-east-1',
      credentials: defaultAccessKey(OWN),
      accounts: async (accountId) => accounts.get(accountId) ?? null,
      sessionName: 'breakwater-test',
      random: () => 0.5,
      requestHandler: simulation.requestHandler(),
    });
  const { deps, visitors } = testPlane();
  const awsFor = (id: string) => (visitors.push(id), newDoor());
  const courier = createCourier(
    { ...deps, sign: () => 'x', services: { ...deps.services, awsFor } },
    {
      fetch: () => Promise.reject(new TypeError('no network here')),
      realClock: clock,
    },
  );
  return {
    accounts,
    visitors,
    deliver: (to: Target) => courier.deliver(to, letter, new AbortController().signal),
    test: (to: Target) => courier.test(to, letter, new AbortController().signal),
    rows: (table: string, accountId = OWN) =>
      simulation.world.table({ accountId, region: REGION }, table).all(),
  };
}

const topicOf = (accountId: string): Target => ({
  type: 'sns',
  topicArn: `arn:aws:sns:${REGION}:${accountId}:dr`,
});
const busOf = (accountId: string): Target => ({
  type: 'eventBridge',
  eventBusArn: `arn:aws:events:${REGION}:${accountId}:event-bus/dr`,
});

test('a topic gets the event, with what its subscribers filter by', async () => {
  const b = bench();
  const delivery = await b.deliver(topicOf(OWN));
  const [message] = b.rows('sns.messages') as [{ id: string; subject: string; message: string }];
  expect(delivery).toEqual({
    at: '2026-11-24T10:00:00.000Z',
    event: 'WaveFailed',
    executionId: 'exec-1',
    sequence: 7,
    result: 'delivered',
    detail: message.id,
  });
  expect(message).toMatchObject({
    subject: 'Breakwater: WaveFailed (exec-1)',
    attributes: { event: 'WaveFailed', level: 'error', executionId: 'exec-1', delivery: 'exec-1/7' },
  });
  expect(JSON.parse(message.message)).toEqual(letter);
});

test('a bus gets the event under its code', async () => {
  const b = bench();
  expect(await b.deliver(busOf(OWN))).toMatchObject({ result: 'delivered' });
  const [event] = b.rows('events.events') as [{ detail: unknown }];
  expect(event).toMatchObject({ source: 'breakwater', detailType: 'WaveFailed' });
  expect(typeof event.detail === 'string' ? JSON.parse(event.detail) : event.detail).toEqual({
    ...letter,
    delivery: 'exec-1/7',
  });
});

test('another account is entered by its role, and anew after it has been mended', async () => {
  const b = bench();
  const refused = await b.deliver(topicOf(OTHER));
  expect(refused).toMatchObject({ result: 'failed', detail: expect.stringMatching(/AssumeRole/) });
  b.accounts.set(OTHER, { roleArn: `arn:aws:iam::${OTHER}:role/breakwater`, externalId: 'bw-1' });
  expect(await b.deliver(topicOf(OTHER))).toMatchObject({ result: 'delivered' });
  expect(await b.deliver(busOf(OTHER))).toMatchObject({ result: 'delivered' });
  expect(b.rows('sns.messages', OTHER)).toHaveLength(1);
  expect(b.visitors).toEqual(['request-notifications', 'request-notifications']);
});

test.each([
  ['sns', 'Publish', topicOf(OWN), 'sns.messages'],
  ['events', 'PutEvents', busOf(OWN), 'events.events'],
] as const)(
  'an answer of %s that is lost is a failure, is not sent again at once, and a repeat can be told by its id',
  async (service, operation, to, table) => {
    const b = bench({ faults: [{ fault: 'responseLost', service, operation, times: 1 }] });
    expect(await b.deliver(to)).toMatchObject({ result: 'failed' });
    expect(b.rows(table)).toHaveLength(1);
    expect(await b.deliver(to)).toMatchObject({ result: 'delivered' });
    const sent = b.rows(table).map((row) => JSON.stringify(row));
    expect(sent).toHaveLength(2);
    for (const text of sent) expect(text).toContain('exec-1/7');
  },
);

const gone = (to: Target): Target => JSON.parse(JSON.stringify(to).replace(/(:|\/)dr"/, '$1gone"')) as Target;

test('a topic that is not there is a failure that says so', async () => {
  expect(await bench().deliver(gone(topicOf(OWN)))).toMatchObject({
    result: 'failed',
    detail: expect.stringMatching(/NotFound|does not exist/),
  });
});

test('a bus that is not there takes the event, as AWS has it, and nobody gets it; a test tells', async () => {
  const b = bench();
  expect(await b.deliver(gone(busOf(OWN)))).toMatchObject({ result: 'delivered' });
  expect(b.rows('events.events')).toMatchObject([{ detailType: 'WaveFailed', dropped: true }]);
  const tested = await b.test(gone(busOf(OWN)));
  expect(tested).toMatchObject({
    result: 'failed',
    detail: expect.stringMatching(/DescribeEventBus.*gone does not exist/),
  });
  expect(await b.test(busOf(OWN))).toMatchObject({ result: 'delivered' });
  expect(b.rows('events.events')).toHaveLength(2);
});

test('a webhook out of reach is a failure, not an error', async () => {
  const b = bench();
  const to: Target = { type: 'webhook', url: 'https://hooks.example.com', secret: 'x'.repeat(16) };
  expect(await b.deliver(to)).toMatchObject({ result: 'failed', detail: 'no network here' });
});
