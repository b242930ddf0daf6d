import { Agent, request } from 'node:http';

/**
 * A process of its own that sends requests at a fixed rate, whether or not earlier ones were answered, and measures each from the
 * moment at which it should have been sent: a server that stalls is charged for all who would have waited. Connections are kept.
 */
export interface LoadOrder {
  readonly url: string;
  readonly tokens: readonly string[];
  /** Asked in turn. */
  readonly requests: readonly { readonly name: string; readonly path: string }[];
  readonly perSecond: number;
  readonly seconds: number;
}

/** Latencies in ms, in the order of the requests; and how many were answered by other than 200. */
export interface LoadAnswer {
  readonly latencies: Readonly<Record<string, readonly number[]>>;
  readonly failed: number;
}

/** More than the rate needs, so that no request waits for a connection. */
const CONNECTIONS = 256;

process.once('message', (order: LoadOrder) => {
  void load(order).then((answer) => process.send!(answer, () => process.disconnect()));
});

async function load({ url, tokens, requests, perSecond, seconds }: LoadOrder): Promise<LoadAnswer> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const latencies: Record<string, number[]> = Object.fromEntries(requests.map(({ name }) => [name, []]));
  let failed = 0;
  const send = (index: number, dueAt: number): Promise<void> =>
    new Promise((resolve) => {
      const { name, path } = requests[index % requests.length]!;
      const headers = { authorization: `Bearer ${tokens[index % tokens.length]}` };
      const done = (isGood: boolean): void => {
        latencies[name]!.push(performance.now() - dueAt);
        if (!isGood) failed++;
        resolve();
      };
      request(`${url}${path}`, { agent, headers }, (answer) => {
        answer.resume();
        answer.once('end', () => done(answer.statusCode === 200));
      })
        .once('error', () => done(false))
        .end();
    });
  const count = perSecond * seconds;
  const sent: Promise<void>[] = [];
  const startedAt = performance.now();
  await new Promise<void>((resolve) => {
    const tick = (): void => {
      const due = Math.min(count, Math.floor(((performance.now() - startedAt) * perSecond) / 1_000) + 1);
      while (sent.length < due) {
        const index = sent.length;
        sent.push(send(index, startedAt + (index * 1_000) / perSecond));
      }
      if (sent.length < count) setTimeout(tick, 1);
      else resolve();
    };
    tick();
  });
  await Promise.all(sent);
  agent.destroy();
  return { latencies, failed };
}
