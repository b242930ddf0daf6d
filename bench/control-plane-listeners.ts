import { Agent, request } from 'node:http';

/** A process of its own that holds many server-sent event streams of one execution, and makes events itself. */
export interface ListenersOrder {
  readonly url: string;
  readonly tokens: readonly string[];
  readonly executionId: string;
  readonly listeners: number;
  /** How many events are made, one after the other. */
  readonly rounds: number;
}

/** In ms, of each round: from the request that makes an event to its answer, to the first listener, and to the last. */
export interface ListenersAnswer {
  readonly answered: readonly number[];
  readonly first: readonly number[];
  readonly last: readonly number[];
}

process.once('message', (order: ListenersOrder) => {
  void listen(order).then((answer) => {
    process.send!(answer, () => process.exit());
  });
});

async function listen(order: ListenersOrder): Promise<ListenersAnswer> {
  const { url, tokens, executionId, listeners, rounds } = order;
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  const header = (index: number): string => `Bearer ${tokens[index % tokens.length]}`;
  let [wanted, arrivals]: [string, number[]] = ['', []];
  let allThere = (): void => {};
  const hear = (text: string): void => {
    if (wanted === '' || !text.includes(wanted)) return;
    if (arrivals.push(performance.now()) === listeners) allThere();
  };
  // Only what is new: behind the last event that there is.
  const known = await events(order, header(0));
  await Promise.all(
    Array.from({ length: listeners }, (_, index) => {
      const headers = {
        authorization: header(index),
        accept: 'text/event-stream',
        'last-event-id': String(known),
      };
      return new Promise<void>((resolve, reject) => {
        request(`${url}/executions/${executionId}/events`, { agent, headers }, (answer) => {
          answer.setEncoding('utf8').on('data', hear);
          answer.once('data', () => resolve());
        })
          .once('error', reject)
          .end();
      });
    }),
  );
  const results = { answered: [] as number[], first: [] as number[], last: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    const [act, code] =
      round % 2 === 0 ? ['pause', 'ExecutionPauseRequested'] : ['resume', 'ExecutionResumed'];
    [wanted, arrivals] = [`event: ${code}\n`, []];
    const everyone = new Promise<void>((resolve) => (allThere = resolve));
    const startedAt = performance.now();
    await post(`${url}/executions/${executionId}/${act}`, header(round));
    results.answered.push(performance.now() - startedAt);
    await everyone;
    results.first.push(arrivals[0]! - startedAt);
    results.last.push(arrivals.at(-1)! - startedAt);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return results;
}

async function events({ url, executionId }: ListenersOrder, authorization: string): Promise<number> {
  const answer = await fetch(`${url}/executions/${executionId}/events`, { headers: { authorization } });
  const { events } = (await answer.json()) as { events: readonly { readonly sequence: number }[] };
  return events.at(-1)?.sequence ?? 0;
}

async function post(url: string, authorization: string): Promise<void> {
  const answer = await fetch(url, { method: 'POST', headers: { authorization } });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  await answer.text();
}
