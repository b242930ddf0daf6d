import type { Control } from '#control/control.ts';
import { askServer, type ServerAccess } from './server-access.ts';

/** A `Control` that asks a Breakwater server over its REST API. A server out of reach is `ServerUnreachable`. */
export function httpControl(access: ServerAccess): Control {
  const ask = askServer(access);
  const at = (executionId: string): string => `/executions/${encodeURIComponent(executionId)}`;
  const act = async (executionId: string, name: string, reason?: string): Promise<void> => {
    await ask('POST', `${at(executionId)}/${name}`, { body: reasonOf(reason) });
  };
  return {
    validatePlan: (body) => ask('POST', '/recovery-plans/validate', { body }),
    startExecution: ({ initiatedBy: _, idempotencyKey, ...body }) =>
      ask('POST', '/executions', {
        body,
        ...(idempotencyKey === undefined ? {} : { headers: { 'idempotency-key': idempotencyKey } }),
      }),
    listExecutions: async (params = {}) => {
      const page = await ask<{ executions: []; nextCursor?: string }>('GET', '/executions', {
        query: params,
      });
      return {
        executions: page.executions,
        ...(page.nextCursor === undefined ? {} : { cursor: page.nextCursor }),
      };
    },
    getExecution: ({ executionId }) => ask('GET', at(executionId)),
    listEvents: async ({ executionId, ...query }) =>
      (await ask<{ events: [] }>('GET', `${at(executionId)}/events`, { query })).events,
    pause: ({ executionId, reason }) => act(executionId, 'pause', reason),
    resume: ({ executionId, reason }) => act(executionId, 'resume', reason),
    cancel: ({ executionId, reason }) => act(executionId, 'cancel', reason),
    decide: async ({ executionId, gateId, action, reason, changeTicket }) => {
      await ask('POST', `${at(executionId)}/gates/${encodeURIComponent(gateId)}`, {
        body: { action, ...reasonOf(reason), ...(changeTicket === undefined ? {} : { changeTicket }) },
      });
    },
    exportExecution: ({ executionId }) => ask('GET', `${at(executionId)}/export`),
    discover: (body) => ask('POST', '/discovery', { body }),
  };
}

function reasonOf(reason: string | undefined): { reason?: string } {
  return reason === undefined ? {} : { reason };
}
