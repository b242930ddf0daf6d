import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createEventBus } from '#control/event-bus.ts';
import type { EventCode, ExecutionEventRecord } from '#core/events.ts';
import { streamEvents, type StreamLimits } from './event-stream.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Events that are written down, and told of as the test says. */
function world(after = 0, limits?: StreamLimits) {
  const written: ExecutionEventRecord[] = [];
  const bus = createEventBus();
  const stop = new AbortController();
  let [status, reads, listeners, looks] = ['in_progress', 0, 0, 0];
  let beforeLook = (): void => {};
  const stream = streamEvents({
    executionId: 'exec-1',
    after,
    limits,
    signal: stop.signal,
    events: {
      publish: (events) => bus.publish(events),
      subscribe(listener) {
        listeners++;
        const unsubscribe = bus.subscribe(listener);
        return () => {
          listeners--;
          unsubscribe();
        };
      },
    },
    control: {
      listEvents: async ({ after: known = 0, limit = 1_000 }) => {
        reads++;
        return written.slice(known, known + limit);
      },
      getExecution: async () => {
        looks++;
        beforeLook();
        return { status } as never;
      },
    },
  });
  return {
    stream,
    bus,
    stop,
    state: () => ({ reads, listeners, looks }),
    write(...codes: EventCode[]) {
      for (const code of codes) {
        const sequence = written.length + 1;
        written.push({ executionId: 'exec-1', sequence, at: '', code, level: 'info', message: '', data: {} });
      }
    },
    tell: () => bus.publish(written.slice(-1)),
    end(code: EventCode) {
      status = 'completed';
      this.write(code);
    },
    onLook: (act: () => void) => (beforeLook = act),
  };
}

const idOf = (chunk: IteratorResult<string>): string =>
  /^id: (\d+)$/m.exec(String(chunk.value))?.[1] ?? JSON.stringify(chunk.value);
const takeAll = async (stream: AsyncGenerator<string>): Promise<string[]> => {
  const ids: string[] = [];
  for await (const value of stream) ids.push(idOf({ value, done: false }));
  return ids;
};

test('what is written between two pages, and what is told of twice, comes once', async () => {
  const own = world();
  const { stream } = own;
  own.write('ExecutionStarted', 'WaveStarted');
  expect([await stream.next(), await stream.next(), await stream.next()].map(idOf)).toEqual([
    '": breakwater\\n\\n"',
    '1',
    '2',
  ]);
  own.write('WaveCompleted');
  own.tell();
  own.tell();
  expect(idOf(await stream.next())).toBe('3');
  own.end('ExecutionCompleted');
  own.tell();
  expect(await takeAll(stream)).toEqual(['4']);
});

test('the last events come although they are written while the end is looked up', async () => {
  const own = world();
  own.write('ExecutionStarted');
  own.onLook(() => own.end('ExecutionFailed'));
  expect(await takeAll(own.stream)).toEqual(['": breakwater\\n\\n"', '1', '2']);
});

test('a reader that does not read makes no reads, and holds no events', async () => {
  const own = world();
  for (let i = 0; i < 2_000; i++) own.write('ResourceChanged');
  await own.stream.next();
  await own.stream.next();
  for (let i = 0; i < 100; i++) own.tell();
  expect(own.state().reads).toBe(1);
  await own.stream.return(undefined);
  expect(own.state().listeners).toBe(0);
});

test('a quiet execution is looked at once, and its line is kept open by a comment each 15 seconds', async () => {
  const own = world();
  await own.stream.next();
  for (let i = 0; i < 3; i++) {
    const next = own.stream.next();
    await vi.advanceTimersByTimeAsync(14_999);
    const late = vi.fn();
    void next.then(late);
    await vi.advanceTimersByTimeAsync(0);
    expect(late).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect((await next).value).toBe(': \n\n');
  }
  expect(own.state().looks).toBe(1);
  own.stop.abort();
  expect((await own.stream.next()).done).toBe(true);
  expect([own.state().listeners, vi.getTimerCount()]).toEqual([0, 0]);
});

test('a client that goes away while nothing happens leaves nothing behind', async () => {
  const own = world();
  await own.stream.next();
  const next = own.stream.next();
  await vi.advanceTimersByTimeAsync(0);
  own.stop.abort();
  expect((await next).done).toBe(true);
  expect([own.state().listeners, vi.getTimerCount()]).toEqual([0, 0]);
});

describe('with limits, where nobody tells of what other processes write', () => {
  const limits = { pollMs: 1_000, mostMs: 20_000 };

  test('it ends with the events that are there, and the next request goes on behind them', async () => {
    const own = world(0, limits);
    own.write('ExecutionStarted', 'WaveStarted');
    expect(await takeAll(own.stream)).toEqual(['"retry: 1000\\n\\n"', '1', '2']);
    expect(own.state().listeners).toBe(0);
    const next = world(2, limits);
    next.write('ExecutionStarted', 'WaveStarted', 'WaveCompleted');
    expect((await takeAll(next.stream)).slice(1)).toEqual(['3']);
  });

  test('it looks into the records again and again, and ends as soon as there is something', async () => {
    const own = world(0, limits);
    const taken = takeAll(own.stream);
    await vi.advanceTimersByTimeAsync(2_500);
    expect(own.state().reads).toBe(3);
    own.write('ExecutionStarted');
    await vi.advanceTimersByTimeAsync(500);
    expect((await taken).slice(1)).toEqual(['1']);
  });

  test('it ends without any when the time is over, and sends nothing meanwhile', async () => {
    const own = world(0, limits);
    const taken = takeAll(own.stream);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await taken).toEqual(['"retry: 1000\\n\\n"']);
    expect(own.state()).toMatchObject({ reads: 21, listeners: 0, looks: 1 });
  });

  test('it ends at once for a client that has all of an execution that has ended', async () => {
    const own = world(1, limits);
    own.end('ExecutionCompleted');
    expect((await takeAll(own.stream)).slice(1)).toEqual([]);
  });
});
