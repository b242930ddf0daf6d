import type { Control } from '#control/control.ts';
import type { EventBus } from '#control/event-bus.ts';
import { BreakwaterError } from '#core/errors.ts';
import { z } from 'zod';
import { streamEvents, type StreamLimits } from '../event-stream.ts';
import { defineRoute, type AnyRoute } from '../route.ts';
import { AtExecution, ExecutionEvent } from '../shapes/executions.ts';

/** The events of an execution: in pages, or live. */
export function executionEventsRoutes({
  control,
  events,
  stream: limits,
}: {
  readonly control: Control;
  readonly events: EventBus;
  readonly stream?: StreamLimits | undefined;
}): AnyRoute[] {
  const count = z.coerce.number().int().min(0);
  return [
    defineRoute({
      method: 'GET',
      path: '/executions/{executionId}/events',
      permission: 'execution:read',
      operationId: 'listEvents',
      tag: 'Executions',
      summary: 'Its events, a page or live',
      description:
        'With `Accept: text/event-stream` they come as server-sent events, from `Last-Event-ID` on, until the execution has ended.',
      params: AtExecution,
      query: z.strictObject({
        after: count.default(0).describe('The last sequence number that is known'),
        limit: count.min(1).max(1_000).default(1_000),
      }),
      responses: { 200: z.object({ events: z.array(ExecutionEvent) }) },
      handle: async ({ params: { executionId }, query: { after, limit }, headers, signal }) => {
        if (!String(headers['accept'] ?? '').includes('text/event-stream')) {
          return { status: 200, body: { events: await control.listEvents({ executionId, after, limit }) } };
        }
        // Found out before the answer begins.
        await control.getExecution({ executionId });
        const last = Number(headers['last-event-id'] ?? after);
        if (!Number.isSafeInteger(last) || last < 0)
          throw new BreakwaterError('RequestInvalid', 'Last-Event-ID is no sequence number');
        return {
          status: 200,
          headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
          stream: streamEvents({ control, events, executionId, after: last, signal, limits }),
        };
      },
    }),
  ];
}
