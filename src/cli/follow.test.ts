import { describe, expect, test } from 'vitest';
import type { Display, DisplayUpdate } from './display.ts';
import { followExecution } from './follow.ts';
import {
  at,
  event,
  execution,
  fakeControl,
  fakeIo,
  fakeLocal,
  gate,
  type FakeControl,
  type FakeIo,
} from './testing.ts';

const completed = execution({ status: 'completed', completedAt: at(1_800) });
const paused = execution({ status: 'paused', gates: [gate()] });

function recordingDisplay() {
  const updates: DisplayUpdate[] = [];
  const log: string[] = [];
  const display: Display = {
    update: (update) => void updates.push(update),
    suspend: () => void log.push('suspend'),
    resume: () => void log.push('resume'),
    close: () => void log.push('close'),
  };
  return { display, updates, log };
}

async function follow(control: FakeControl, io: FakeIo, ask = true) {
  const shown = recordingDisplay();
  const session = await fakeLocal(control).local.open({ dataDir: null, time: { kind: 'system' } });
  const view = await followExecution({ session, executionId: 'exec-12345', io, display: shown.display, ask });
  return { ...shown, view };
}

describe('following an execution', () => {
  test('shows every event once and in order (1), also those that come with the end', async () => {
    const control = fakeControl({ view: execution(), events: [event(), event({ sequence: 2 })] });
    let sleeps = 0;
    const io = fakeIo({
      onSleep: () => {
        sleeps++;
        if (sleeps === 1) control.state.events.push(event({ sequence: 3 }));
        if (sleeps === 2) {
          control.state.events.push(event({ sequence: 4 }));
          control.state.view = completed;
        }
      },
    });
    const { updates, view, log } = await follow(control, io);
    expect(updates.flatMap(({ events }) => events.map(({ sequence }) => sequence))).toEqual([1, 2, 3, 4]);
    expect(view?.status).toBe('completed');
    expect(log).toEqual(['close']);
  });

  test('notices an end that no event has announced', async () => {
    const control = fakeControl({ view: execution(), events: [] });
    const io = fakeIo({ onSleep: () => (control.state.view = completed) });
    expect((await follow(control, io)).view?.status).toBe('completed');
  });

  test('leaves the execution alone when the person interrupts (3)', async () => {
    const control = fakeControl({ view: execution(), events: [] });
    const io = fakeIo({ onSleep: () => io.interrupt() });
    expect((await follow(control, io)).view).toBeNull();
    expect(control.calls).toEqual([]);
  });
});

describe('at an open gate', () => {
  function answering(answers: string[], view = paused) {
    const control = fakeControl({ view, events: [] });
    const io = fakeIo({ answers });
    for (const name of ['decide', 'cancel'] as const) {
      control[name] = async (params: unknown) => {
        control.calls.push([name, params]);
        control.state.view = completed;
      };
    }
    return { control, io };
  }

  test('the answer of the person acts, in their name', async () => {
    const { control, io } = answering(['resume']);
    const { log } = await follow(control, io);
    expect(control.calls).toEqual([
      ['decide', { executionId: 'exec-12345', by: 'ada', gateId: 'gate-2-pause', action: 'resume' }],
    ]);
    expect(log).toEqual(['suspend', 'resume', 'close']);
  });

  test('`show` shows and asks again; `cancel` cancels the execution', async () => {
    const { control, io } = answering(['show', 'cancel']);
    await follow(control, io);
    expect(io.out[0]).toContain('Application Tier');
    expect(control.calls).toEqual([['cancel', { executionId: 'exec-12345', by: 'ada' }]]);
  });

  test('`skip` wants a reason, and an empty one is none', async () => {
    const decision = gate({ gateId: 'g-7', kind: 'decision', actions: ['retry', 'skip', 'cancel'] });
    const { control, io } = answering(['skip', '  ', ' it can wait '], execution({ gates: [decision] }));
    await follow(control, io);
    expect(control.calls).toMatchObject([
      ['decide', { gateId: 'g-7', action: 'skip', reason: 'it can wait' }],
    ]);
  });

  test('leaving the question is an interruption: nothing is done', async () => {
    const { control, io } = answering([]);
    expect((await follow(control, io)).view).toBeNull();
    expect(control.calls).toEqual([]);
  });

  test('the question goes away when the gate is closed elsewhere', async () => {
    const { control } = answering([]);
    const io = fakeIo({ onSleep: () => (control.state.view = completed) });
    const waiting: FakeIo = {
      ...io,
      select: ({ signal }) =>
        new Promise((_, reject) => {
          signal?.addEventListener('abort', () => void fakeIo().input({ message: '' }).catch(reject));
        }),
    };
    expect((await follow(control, waiting)).view?.status).toBe('completed');
  });

  test('nobody is asked who cannot answer', async () => {
    const { control } = answering([]);
    const io = fakeIo({ onSleep: () => (control.state.view = completed) });
    const { log } = await follow(control, io, false);
    expect(log).toEqual(['close']);
  });
});
