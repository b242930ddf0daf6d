import { Buffer } from 'node:buffer';
import type { RequestHandler } from '#aws/service-spec.ts';
import type { Clock } from '#core/clock.ts';

/** A request that has been answered. */
export interface Carried {
  readonly operation: string;
  readonly body: string;
  readonly answerBytes: number;
}

/**
 * Carries requests to DynamoDB Local by HTTP, and lets a test count them, or lose an answer by throwing. An in-process handler may
 * wait on the clock, so this one holds it: virtual time stands still meanwhile.
 */
export function carryTo(
  endpoint: string,
  clock: Clock,
  onAnswer: (carried: Carried) => void,
): RequestHandler {
  return {
    handle: async (request) => {
      const { headers, body } = request as { headers: Record<string, string>; body: Uint8Array };
      const release = clock.hold();
      try {
        const { host: _, 'content-length': __, ...rest } = headers;
        const text = Buffer.from(body).toString();
        const response = await fetch(endpoint, { method: 'POST', headers: rest, body: text });
        const answer = Buffer.from(await response.arrayBuffer());
        const operation = headers['x-amz-target']!.split('.')[1]!;
        onAnswer({ operation, body: text, answerBytes: answer.length });
        const answered = { 'content-type': 'application/x-amz-json-1.0' };
        return { response: { statusCode: response.status, headers: answered, body: answer } };
      } finally {
        release();
      }
    },
  };
}
