import { describe, expect, test } from 'vitest';
import { BreakwaterError } from '#core/errors.ts';
import type { Display, DisplayUpdate } from './display.ts';
import { followExecution } from './follow.ts';
import type { Session } from './host.ts';
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
    print: (text) => void log.push(text),
    close: () => void log.push('close'),
  };
  return { display, updates, log };
}

async function follow(control: FakeControl, io: FakeIo, ask = true, part: Partial<Session> = {}) {
  const shown = recordingDisplay();
  const opened = await fakeLocal(control).local.open({ dataDir: null, time: { kind: 'system' } });
  const session = { ...opened, ...part };
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

  test.each([
    { what: 'ten times a second', part: {}, slept: 100 },
    { what: 'as often as a server elsewhere bears', part: { lookEveryMs: 2_000 }, slept: 2_000 },
  ])('looks $what', async ({ part, slept }) => {
    const control = fakeControl({ view: execution(), events: [] });
    const io = fakeIo({ onSleep: () => (control.state.view = completed) });
    await follow(control, io, false, part);
    expect(new Set(io.slept)).toEqual(new Set([slept]));
  });

  test('leaves the execution alone when the person interrupts (3)', async () => {
    const control = fakeControl({ view: execution(), events: [] });
    const io = fakeIo({ onSleep: () => io.interrupt() });
    expect((await follow(control, io)).view).toBeNull();
    expect(control.calls).toEqual([]);
  });
});

describe('at an open gate', () => {
  function answering(keys: string[], view = paused) {
    const control = fakeControl({ view, events: [] });
    const io = fakeIo({ keys });
    for (const name of ['decide', 'cancel'] as const) {
      control[name] = async (params: unknown) => {
        control.calls.push([name, params]);
        control.state.view = completed;
      };
    }
    return { control, io };
  }

  test('the answer of the person acts, in their name', async () => {
    const { control, io } = answering(['return']);
    const { log } = await follow(control, io);
    expect(control.calls).toEqual([
      ['decide', { executionId: 'exec-12345', by: 'ada', gateId: 'gate-2-pause', action: 'resume' }],
    ]);
    expect(log).toEqual(['close']);
  });

  test('`show` shows and asks again; `cancel` cancels the execution', async () => {
    const { control, io } = answering(['left', 'return', 'left', 'return']);
    const { log } = await follow(control, io);
    expect(log[0]).toContain('Application Tier');
    expect(control.calls).toEqual([['cancel', { executionId: 'exec-12345', by: 'ada' }]]);
  });

  test('`skip` wants a reason, and an empty one is none', async () => {
    const decision = gate({ gateId: 'g-7', kind: 'decision', actions: ['retry', 'skip', 'cancel'] });
    const { control, io } = answering(
      ['right', 'return', '  ', 'return', ' it can wait ', 'return'],
      execution({ gates: [decision] }),
    );
    await follow(control, io);
    expect(control.calls).toMatchObject([
      ['decide', { gateId: 'g-7', action: 'skip', reason: 'it can wait' }],
    ]);
  });

  test('leaving the question is an interruption: nothing is done', async () => {
    const { control, io } = answering(['ctrl+c']);
    expect((await follow(control, io)).view).toBeNull();
    expect(control.calls).toEqual([]);
  });

  test('the question goes away when the gate is closed elsewhere', async () => {
    const { control } = answering([]);
    const io = fakeIo({
      onSleep: () => {
        const open = control.state.view.gates.length > 0;
        control.state.view = open ? execution({ gates: [] }) : completed;
      },
    });
    const { updates, view } = await follow(control, io);
    const asked = updates.map(({ question }) => question !== undefined);
    // However often it is drawn meanwhile: the question goes, and does not come back.
    expect(asked.filter((isAsked, index) => isAsked !== asked[index - 1])).toEqual([true, false]);
    expect(view?.status).toBe('completed');
  });

  test('the view goes on above the question, and what was typed stays (4)', async () => {
    const decision = gate({ gateId: 'g-7', kind: 'decision', actions: ['retry', 'skip', 'cancel'] });
    const other = gate({ gateId: 'g-1', kind: 'decision', actions: ['retry', 'skip', 'cancel'] });
    const { control } = answering([]);
    control.state.view = execution({ gates: [decision] });
    let sleeps = 0;
    const io = fakeIo({
      keys: ['right', 'return', 'it can'],
      onSleep: () => {
        sleeps++;
        if (sleeps === 3) {
          control.state.events.push(event({ sequence: 9 }));
          control.state.view = execution({ gates: [other, decision], currentWave: 3 });
        }
        if (sleeps === 6) control.state.view = completed;
      },
    });
    const { updates } = await follow(control, io);
    const late = updates[4]!;
    expect(late.view.currentWave).toBe(3);
    expect(late.question?.[0]).toBe('  Skip: why? it can▏');
    expect(control.calls).toEqual([]);
  });

  test('nobody is asked who cannot answer', async () => {
    const { control } = answering([]);
    const io = fakeIo({ onSleep: () => (control.state.view = completed) });
    const { log } = await follow(control, io, false);
    expect(log).toEqual(['close']);
  });
});

describe('with a decision said beforehand', () => {
  const failed = (waveNumber: number) =>
    execution({
      gates: [
        gate({
          gateId: `w${waveNumber}`,
          waveNumber,
          kind: 'decision',
          actions: ['retry', 'skip', 'cancel'],
        }),
      ],
    });

  async function followWith(action: 'retry' | 'skip' | 'cancel', views = [failed(1)]) {
    const left = [...views.slice(1), completed];
    const control = fakeControl({ view: views[0]!, events: [] });
    const next = (name: string) => async (params: unknown) => {
      control.calls.push([name, params]);
      control.state.view = left.shift()!;
    };
    control.decide = next('decide');
    control.cancel = next('cancel');
    const io = fakeIo({ interactive: true });
    const session = await fakeLocal(control).local.open({ dataDir: null, time: { kind: 'system' } });
    const { display, updates } = recordingDisplay();
    const onDecision = { action, reason: 'said beforehand' };
    await followExecution({ session, executionId: 'exec-12345', io, display, ask: true, onDecision });
    return { calls: control.calls, updates };
  }

  test('skips with the reason, and nobody is asked', async () => {
    const { calls, updates } = await followWith('skip');
    expect(calls).toMatchObject([['decide', { gateId: 'w1', action: 'skip', reason: 'said beforehand' }]]);
    expect(updates.every(({ question }) => question === undefined)).toBe(true);
  });

  test('cancels the execution with the reason', async () => {
    const { calls } = await followWith('cancel');
    expect(calls).toMatchObject([['cancel', { by: 'ada', reason: 'said beforehand' }]]);
  });

  test('retries each wave once, and cancels when it fails again', async () => {
    const { calls } = await followWith('retry', [failed(1), failed(2), failed(1)]);
    expect(calls).toMatchObject([
      ['decide', { gateId: 'w1', action: 'retry' }],
      ['decide', { gateId: 'w2', action: 'retry' }],
      ['cancel', { reason: 'it failed again after a retry' }],
    ]);
  });

  test('somebody else who was quicker is no trouble', async () => {
    const control = fakeControl(
      { view: failed(1), events: [] },
      {
        cancel: async () => {
          control.state.view = completed;
          throw new BreakwaterError('ExecutionNotRunning', 'it has ended');
        },
      },
    );
    const session = await fakeLocal(control).local.open({ dataDir: null, time: { kind: 'system' } });
    const onDecision = { action: 'cancel', reason: 'r' } as const;
    const { display } = recordingDisplay();
    const params = { session, executionId: 'exec-12345', io: fakeIo(), display, ask: false, onDecision };
    expect((await followExecution(params))?.status).toBe('completed');
  });
});
