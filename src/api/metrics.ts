import type { EventBus } from '#control/event-bus.ts';
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What a Prometheus server scrapes. Counted as things happen; a scrape reads nothing from the store but what runs. */
export interface Metrics {
  text(): Promise<string>;
  readonly contentType: string;
  /** Counts the requests of an app. */
  watch(app: FastifyInstance): void;
  awsCalled(call: {
    readonly service: string;
    readonly operation: string;
    readonly error: string | null;
  }): void;
}

export interface MetricsParams {
  readonly events: EventBus;
  /** Unfinished executions, by status. */
  readonly running: () => Promise<readonly { readonly status: string; readonly mode: string }[]>;
  /** How many subscriptions fail. */
  readonly failing: () => Promise<number>;
}

export function createMetrics({ events, running, failing }: MetricsParams): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'breakwater_http_request_seconds',
    help: 'Duration of API requests',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers,
  });
  const happened = new Counter({
    name: 'breakwater_execution_events_total',
    help: 'Events of executions since the start of this process, by code',
    labelNames: ['code'] as const,
    registers,
  });
  const gates = new Counter({
    name: 'breakwater_gates_total',
    help: 'Gates opened and closed since the start of this process, by kind; the difference are open',
    labelNames: ['kind', 'change'] as const,
    registers,
  });
  const started = new Counter({
    name: 'breakwater_executions_started_total',
    help: 'Executions started since the start of this process, by mode',
    labelNames: ['mode'] as const,
    registers,
  });
  const calls = new Counter({
    name: 'breakwater_aws_calls_total',
    help: 'Attempts of calls to AWS since the start of this process; error is empty when it succeeded',
    labelNames: ['service', 'operation', 'error'] as const,
    registers,
  });
  const unfinished = new Gauge({
    name: 'breakwater_executions_unfinished',
    help: 'Executions that have not ended, by status and mode',
    labelNames: ['status', 'mode'] as const,
    registers: [],
    async collect() {
      this.reset();
      for (const { status, mode } of await running()) this.inc({ status, mode });
    },
  });
  registry.registerMetric(unfinished);
  registry.registerMetric(
    new Gauge({
      name: 'breakwater_subscriptions_failing',
      help: 'Enabled subscriptions whose last delivery failed',
      registers: [],
      async collect() {
        this.set(await failing());
      },
    }),
  );
  events.subscribe(({ code, data }) => {
    happened.inc({ code });
    if (code === 'GateOpened') gates.inc({ kind: String(data['kind']), change: 'opened' });
    if (code === 'GateClosed') gates.inc({ kind: String(data['kind']), change: 'closed' });
    if (code === 'ExecutionStarted') started.inc({ mode: String(data['mode']) });
  });
  return {
    text: () => registry.metrics(),
    contentType: registry.contentType,
    awsCalled: ({ service, operation, error }) => calls.inc({ service, operation, error: error ?? '' }),
    watch: (app) =>
      void app.addHook('onResponse', async (request, reply) => {
        // Paths of routes, never of requests: their number must not grow with what is asked.
        const route = request.routeOptions.url ?? 'none';
        requests.observe(
          { method: request.method, route, status: String(reply.statusCode) },
          reply.elapsedTime / 1_000,
        );
      }),
  };
}
