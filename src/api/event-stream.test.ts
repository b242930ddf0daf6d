import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createEventBus } from '#control/event-bus.ts';
import type { EventCode, ExecutionEventRecord } from '#core/events.ts';
import { streamEvents } from './event-stream.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Events that are written down, and told of as the test says. */
function world(after = 0) {
  const written: ExecutionEventRecord[] = [];
  const bus = createEventBus();
  const stop = new AbortController();
  let [status, reads, listeners, looks] = ['in_progress', 0, 0, 0];
  let beforeLook = (): void => {};
  const stream = streamEvents({
    executionId: 'exec-1',
    after,
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
