import { BreakwaterError } from '#core/errors.ts';
import { z } from 'zod';
import type { Metrics } from '../metrics.ts';
import { defineRoute, type AnyRoute } from '../route.ts';

const tag = 'Server';

export interface HealthParams {
  readonly metrics: Metrics;
  /** Why the server cannot do its work; `null`: it can. Looks at the store. */
  readonly trouble: () => Promise<string | null>;
}

/** For load balancers, orchestrators and Prometheus. */
export function healthRoutes({ metrics, trouble }: HealthParams): AnyRoute[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/health',
      permission: 'public',
      operationId: 'getHealth',
      tag,
      summary: 'The process lives',
      responses: { 200: z.object({ status: z.literal('ok') }) },
      handle: async () => ({ status: 200, body: { status: 'ok' } }),
    }),
    defineRoute({
      method: 'GET',
      path: '/ready',
      permission: 'public',
      operationId: 'getReady',
      tag,
      summary: 'The server can do its work; 503 when it cannot',
      responses: { 200: z.object({ status: z.literal('ready') }) },
      handle: async () => {
        const why = await trouble().catch((cause: unknown) => {
          throw new BreakwaterError('NotReady', 'the records cannot be read', { cause });
        });
        if (why !== null) throw new BreakwaterError('NotReady', why);
        return { status: 200, body: { status: 'ready' } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/metrics',
      permission: 'execution:read',
      operationId: 'getMetrics',
      tag,
      summary: 'Metrics for Prometheus',
      responses: { 200: { contentType: metrics.contentType, description: 'Prometheus text format' } },
      handle: async () => ({ status: 200, body: await metrics.text() }),
    }),
  ];
}
