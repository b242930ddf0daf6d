import { BreakwaterError } from '#core/errors.ts';
import type { Json } from '#core/json.ts';
import { schemaFindings } from '#core/schema-findings.ts';
import { z } from 'zod';
import type { InsideAnswer, InsideRequest } from './inside.ts';

const Values = z.record(z.string(), z.array(z.string())).nullish();

/**
 * What is used of the event of a REST API's Lambda proxy integration.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
const GatewayEvent = z.object({
  httpMethod: z.enum(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']),
  /** Without the stage, and encoded as the client has sent it. */
  path: z.string().startsWith('/'),
  multiValueHeaders: Values,
  /** Decoded. */
  multiValueQueryStringParameters: Values,
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
  requestContext: z.object({
    requestId: z.string(),
    identity: z.object({
      sourceIp: z.string(),
      /** Of a caller whose signature API Gateway has verified. */
      userArn: z.string().nullish(),
    }),
  }),
});
export type GatewayEvent = z.infer<typeof GatewayEvent>;

/** The answer that API Gateway takes. */
export interface GatewayAnswer {
  readonly statusCode: number;
  readonly multiValueHeaders: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
  readonly isBase64Encoded: false;
}

/** Throws `RequestInvalid` for what is no event of API Gateway. */
export function readGatewayEvent(event: Json): GatewayEvent {
  const parsed = GatewayEvent.safeParse(event);
  if (parsed.success) return parsed.data;
  const [first] = schemaFindings(GatewayEvent, event);
  const why = first === undefined ? '' : `: ${first.path || 'event'}: ${first.message}`;
  throw new BreakwaterError('RequestInvalid', `this is no event of an API Gateway REST API${why}`);
}

/** The request as a server would have got it. Of where it came from, what API Gateway says counts, and no header. */
export function requestOf(event: GatewayEvent): InsideRequest {
  const { httpMethod, body, isBase64Encoded, requestContext } = event;
  const payload = typeof body === 'string' && (isBase64Encoded ? Buffer.from(body, 'base64') : body);
  return {
    method: httpMethod,
    url: urlOf(event),
    headers: { 'x-request-id': requestContext.requestId, ...headersOf(event) },
    ...(payload ? { payload } : {}),
    remoteAddress: requestContext.identity.sourceIp,
  };
}

export function gatewayAnswerOf({ statusCode, headers, body }: InsideAnswer): GatewayAnswer {
  const kept = Object.entries(headers).filter(([name]) => !CONNECTION.has(name));
  const values = kept.map(([name, value = '']) => [
    name,
    (Array.isArray(value) ? value : [value]).map(String),
  ]);
  return {
    statusCode,
    multiValueHeaders: Object.fromEntries(values) as Record<string, string[]>,
    body,
    isBase64Encoded: false,
  };
}

/** Of a connection, which ends at API Gateway. */
const CONNECTION = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

function headersOf({ multiValueHeaders }: GatewayEvent): Record<string, string> {
  const all = new Map<string, readonly string[]>();
  for (const [written, values] of Object.entries(multiValueHeaders ?? {})) {
    const name = written.toLowerCase();
    all.set(name, [...(all.get(name) ?? []), ...values]);
  }
  // Twice the same header, however it is written, is one with both values: two identities are none.
  const joined = [...all]
    .filter(([name]) => !CONNECTION.has(name))
    .map(([name, values]) => [name, values.join(', ')]);
  return Object.fromEntries(joined) as Record<string, string>;
}

function urlOf({ path, multiValueQueryStringParameters }: GatewayEvent): string {
  const pairs = Object.entries(multiValueQueryStringParameters ?? {}).flatMap(([name, values]) =>
    values.map((value): [string, string] => [name, value]),
  );
  // What could only stand in a path that somebody has decoded must not begin a query.
  const safe = path.replaceAll('?', '%3F').replaceAll('#', '%23');
  return pairs.length === 0 ? safe : `${safe}?${new URLSearchParams(pairs).toString()}`;
}
