import { virtualClock } from '#clocks/virtual.ts';
import { createEventBus } from '#control/event-bus.ts';
import type { EventCode, EventData } from '#core/events.ts';
import type { GateRecord } from '#core/records.ts';
import { expect, test } from 'vitest';
import { holdDecisions } from './hold-decisions.ts';

async function world(gates: Pick<GateRecord, 'gateId' | 'kind' | 'status'>[] = []) {
  const clock = virtualClock({ startsAt: 0 });
  const events = createEventBus();
  const executions = { gates: async () => gates as GateRecord[] };
  const letGo = await holdDecisions({ events, executions }, clock, ['exec-1']);
  const emit = (code: EventCode, data: EventData = {}) =>
    events.publish([
      {
        executionId: 'exec-1',
        sequence: 1,
        at: '1970-01-01T00:00:00Z',
        code,
        level: 'info',
        message: '',
        data,
      },
    ]);
  let rang = false;
  clock.at(604_800_000, () => (rang = true));
  /** As often as the event loop has to come round for the one timer. */
  const rings = async (): Promise<boolean> => {
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    return rang;
  };
  return { emit, rings, letGo };
}

test('virtual time does not jump to the end of a decision gate before it has been decided', async () => {
  const { emit, rings } = await world();
  emit('GateOpened', { gateId: 'w1-decision', kind: 'decision' });
  expect(await rings()).toBe(false);
  emit('GateClosed', { gateId: 'w1-decision', kind: 'decision' });
  expect(await rings()).toBe(true);
});

test('a pause gate holds no time, and the end of the execution lets go of all', async () => {
  const paused = await world();
  paused.emit('GateOpened', { gateId: 'w1-pause', kind: 'pause' });
  expect(await paused.rings()).toBe(true);
  const ended = await world();
  ended.emit('GateOpened', { gateId: 'w1-decision', kind: 'decision' });
  ended.emit('ExecutionCancelled');
  expect(await ended.rings()).toBe(true);
});

test('closing lets go', async () => {
  const { emit, rings, letGo } = await world();
  emit('GateOpened', { gateId: 'w1-decision', kind: 'decision' });
  letGo();
  expect(await rings()).toBe(true);
});

test.each(['decision', 'approval'] as const)(
  'a gate (%s) that was open when an earlier process ended holds it too, until it is closed',
  async (kind) => {
    const { emit, rings } = await world([{ gateId: `w1-${kind}`, kind, status: 'open' }]);
    expect(await rings()).toBe(false);
    emit('GateClosed', { gateId: `w1-${kind}`, kind });
    expect(await rings()).toBe(true);
  },
);

test('gates at which nobody is awaited, or not any more, hold nothing', async () => {
  const { rings } = await world([
    { gateId: 'w1-decision', kind: 'decision', status: 'closed' },
    { gateId: 'w2-pause', kind: 'pause', status: 'open' },
  ]);
  expect(await rings()).toBe(true);
});
