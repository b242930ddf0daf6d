import { describe, expect } from 'vitest';
import type { Json } from '#core/json.ts';
import {
  call,
  gate,
  gateQueue,
  machine,
  nested,
  run,
  testsOf,
  worldsOf,
  type ConformanceOptions,
} from './world.ts';

/** Map and Parallel. */
export function testParallelism(options: ConformanceOptions): void {
  const use = worldsOf(options);
  const test = testsOf(options);
  const mapOver = (processor: object, more: object = {}) =>
    machine('Map', { Map: { Type: 'Map', ItemProcessor: processor, End: true, ...more } });
  const flow = (startAt: string, states: object) => ({ StartAt: startAt, States: states });

  describe('Map and Parallel', () => {
    test('Map answers the outputs in the order of its items, whatever ends first.', async () => {
      let sleep = async (_ms: number): Promise<void> => {};
      const slow = async (input: Json): Promise<Json> => (await sleep(input as number), input);
      const main = mapOver(flow('A', { A: call('slow') }), { Items: '{% $states.input.items %}' });
      await use({ machines: { main }, functions: { slow } }, async (world) => {
        sleep = world.sleep;
        expect((await run(world, { items: [300, 100, 200] })).output).toEqual([300, 100, 200]);
      });
    });

    test('An empty Map answers an empty list.', async () => {
      const main = mapOver(flow('A', { A: { Type: 'Pass', End: true } }), { Items: [] });
      await use({ machines: { main } }, async (world) => {
        expect((await run(world)).output).toEqual([]);
      });
    });

    test('ItemSelector sees the item, its index, the input of the Map and outer variables.', async () => {
      const main = machine('A', {
        A: { Type: 'Pass', Assign: { outer: 10 }, Next: 'Map' },
        Map: {
          Type: 'Map',
          Items: '{% $states.input.items %}',
          ItemSelector: {
            item: '{% $states.context.Map.Item.Value %}',
            index: '{% $states.context.Map.Item.Index %}',
            tag: '{% $states.input.tag %}',
            outer: '{% $outer %}',
          },
          ItemProcessor: {
            ProcessorConfig: { Mode: 'INLINE' },
            ...flow('B', { B: { Type: 'Pass', End: true } }),
          },
          End: true,
        },
      });
      await use({ machines: { main } }, async (world) => {
        expect((await run(world, { items: ['a', 'b'], tag: 't' })).output).toEqual([
          { item: 'a', index: 0, tag: 't', outer: 10 },
          { item: 'b', index: 1, tag: 't', outer: 10 },
        ]);
      });
    });

    test('Variables of an iteration are its own.', async () => {
      const processor = flow('A', {
        A: { Type: 'Pass', Assign: { mine: '{% $states.input %}' }, Next: 'B' },
        B: { Type: 'Wait', Seconds: 1, Next: 'C' },
        C: { Type: 'Pass', Output: '{% $mine %}', End: true },
      });
      await use({ machines: { main: mapOver(processor, { Items: [1, 2, 3] }) } }, async (world) => {
        expect((await run(world)).output).toEqual([1, 2, 3]);
      });
    });

    test('MaxConcurrency holds back further iterations.', async () => {
      let running = 0;
      let most = 0;
      let sleep = async (_ms: number): Promise<void> => {};
      const work = async (): Promise<Json> => {
        most = Math.max(most, ++running);
        await sleep(100);
        return running--;
      };
      const main = mapOver(flow('A', { A: call('work') }), {
        Items: [1, 2, 3, 4, 5, 6, 7],
        MaxConcurrency: 3,
      });
      await use({ machines: { main }, functions: { work } }, async (world) => {
        sleep = world.sleep;
        expect(await run(world)).toMatchObject({ status: 'SUCCEEDED' });
        expect(most).toBe(3);
      });
    });

    test('An iteration that fails fails the Map, and cuts the others off.', async () => {
      const calls: Json[] = [];
      const late = async (input: Json): Promise<Json> => (calls.push(input), null);
      const processor = flow('A', {
        A: {
          Type: 'Choice',
          Choices: [{ Condition: '{% $states.input = 2 %}', Next: 'Fail' }],
          Default: 'Wait',
        },
        Fail: { Type: 'Fail', Error: 'Second' },
        Wait: { Type: 'Wait', Seconds: 1, Next: 'Late' },
        Late: call('late'),
      });
      const main = machine('Map', {
        Map: {
          Type: 'Map',
          Items: [1, 2, 3],
          ItemProcessor: processor,
          Catch: [{ ErrorEquals: ['Second'], Next: 'Pause' }],
          End: true,
        },
        Pause: { Type: 'Wait', Seconds: 2, Next: 'Done' },
        Done: { Type: 'Succeed', Output: 'caught' },
      });
      await use({ machines: { main }, functions: { late } }, async (world) => {
        expect((await run(world)).output).toBe('caught');
        expect(calls).toEqual([]);
      });
    });

    test('A Map that is retried begins all its iterations again.', async () => {
      const calls: Json[] = [];
      const once = async (input: Json): Promise<Json> => {
        calls.push(input);
        if (calls.length === 2) throw new RangeError('second call');
        return input;
      };
      const main = mapOver(flow('A', { A: call('once') }), {
        Items: [1, 2],
        MaxConcurrency: 1,
        Retry: [{ ErrorEquals: ['RangeError'], IntervalSeconds: 1 }],
      });
      await use({ machines: { main }, functions: { once } }, async (world) => {
        expect((await run(world)).output).toEqual([1, 2]);
        expect(calls).toEqual([1, 2, 1, 2]);
      });
    });

    test('Parallel gives every branch the same input and answers their outputs in order.', async () => {
      const branches = [
        flow('A', { A: { Type: 'Pass', Output: '{% $states.input.n + 1 %}', End: true } }),
        flow('B', { B: { Type: 'Wait', Seconds: 1, Output: '{% $states.input.n + 2 %}', End: true } }),
      ];
      const main = machine('P', { P: { Type: 'Parallel', Branches: branches, End: true } });
      await use({ machines: { main } }, async (world) => {
        expect((await run(world, { n: 1 })).output).toEqual([2, 3]);
      });
    });

    test('A branch that fails stops the nested executions of the others.', async () => {
      const queue = gateQueue();
      const branches = [
        flow('Run', { Run: nested() }),
        flow('Wait', {
          Wait: { Type: 'Wait', Seconds: 1, Next: 'Fail' },
          Fail: { Type: 'Fail', Error: 'Enough' },
        }),
      ];
      const machines = {
        main: machine('P', { P: { Type: 'Parallel', Branches: branches, End: true } }),
        inner: machine('Gate', { Gate: gate() }),
      };
      await use({ machines, queues: { gates: queue.handler } }, async (world) => {
        const { executionId } = await world.engine.start({ machine: 'main', name: 'one', input: 1 });
        const taskToken = await queue.next();
        expect(await world.settled(executionId)).toMatchObject({ status: 'FAILED', error: 'Enough' });
        await expect(world.engine.completeTask({ taskToken, output: 1 })).rejects.toMatchObject({
          code: 'TaskTokenUsed',
        });
      });
    });

    test('A Map inside a Map inside a Parallel keeps its places.', async () => {
      const inner = {
        Type: 'Map',
        ItemProcessor: flow('C', { C: { Type: 'Pass', Output: '{% $states.input * 2 %}', End: true } }),
        End: true,
      };
      const outer = { Type: 'Map', ItemProcessor: flow('B', { B: inner }), End: true };
      const main = machine('P', { P: { Type: 'Parallel', Branches: [flow('A', { A: outer })], End: true } });
      await use({ machines: { main } }, async (world) => {
        expect((await run(world, [[1, 2], [3], []])).output).toEqual([[[2, 4], [6], []]]);
      });
    });
  });
}
