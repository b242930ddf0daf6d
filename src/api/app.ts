import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import { ERROR_CODES, type ErrorCode } from '#core/error-codes.ts';
import { BreakwaterError, isBreakwaterError } from '#core/errors.ts';
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { parse as parseYaml } from 'yaml';
import { LIMITS, type AppLimits, type AppParams } from './app-params.ts';
import { describeApi } from './openapi.ts';
import { isOfInside, problemOf } from './problem.ts';
import { registerRoute, type RouteConfig } from './register-route.ts';
import type { AnyRoute } from './route.ts';
import { tooMany } from './too-many.ts';

const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;

/** The REST API, not yet listening. `app.inject` asks it in process. */
export async function createApp(params: AppParams): Promise<FastifyInstance> {
  const limits = { ...LIMITS, ...params.limits };
  const app = Fastify({
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestMs,
    [params.tls === undefined ? 'http' : 'https']: { ...params.tls, ...timeoutsOf(limits) },
    ...(params.trustProxy === undefined ? {} : { trustProxy: [...params.trustProxy] }),
    exposeHeadRoutes: false,
    genReqId: ({ headers }: IncomingMessage) => {
      const given = headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
    },
    forceCloseConnections: true,
    clientErrorHandler: answerUnreadable,
    routerOptions: { maxParamLength: 16_384 },
  });
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => (body) => JSON.stringify(body));
  params.watch?.(app);
  app.addHook('onSend', async (request, reply, payload) => {
    reply.header('x-request-id', request.id);
    return payload;
  });
  app.addContentTypeParser(
    ['application/yaml', 'application/x-yaml', 'text/yaml'],
    { parseAs: 'string' },
    async (_request: unknown, text: string) => readYaml(text),
  );
  app.setErrorHandler((error, request, reply) => {
    // A method or a body that cannot be read matters less than that there is nothing at the path.
    const translated = request.is404
      ? notFound(params.routes, request.method, request.url.split('?')[0]!)
      : translate(error as FastifyError);
    const { isPublic = false } = request.routeOptions.config as RouteConfig;
    const problem = problemOf(translated, request.id, { isPublic });
    const code = problem.code as ErrorCode;
    if ((problem.status >= 500 && ERROR_CODES[code].retry === 'bug') || (isPublic && isOfInside(code)))
      params.onError(error, request.id);
    const wait = isBreakwaterError(translated) ? translated.details['retryAfterSeconds'] : undefined;
    if (typeof wait === 'number') reply.header('retry-after', String(wait));
    const allow = isBreakwaterError(translated) ? translated.details['allow'] : undefined;
    if (Array.isArray(allow)) reply.header('allow', allow.join(', '));
    if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="breakwater"');
    return reply.status(problem.status).type('application/problem+json').send(problem);
  });
  // Everything is data but the page, which says otherwise.
  await app.register(helmet, {
    contentSecurityPolicy: {
      directives: { 'default-src': ["'none'"], 'upgrade-insecure-requests': params.tls ? [] : null },
    },
  });
  await app.register(rateLimit, {
    max: limits.perAddressAMinute,
    timeWindow: 60_000,
    errorResponseBuilder: (_request, { ttl }) => tooMany(ttl),
  });
  await app.register(swagger, describeApi(params.routes));
  app.setNotFoundHandler((request) => {
    throw notFound(params.routes, request.method, request.url.split('?')[0]!);
  });
  for (const route of params.routes) registerRoute(app, route, params, limits);
  // The description is the same for everybody and says nothing of what is kept here.
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  if (params.page !== undefined) await app.register(params.page);
  await app.ready();
  return app;
}

/** Node looks for what is too slow only every half minute, unless told otherwise. */
function timeoutsOf({ requestMs }: AppLimits): {
  requestTimeout: number;
  headersTimeout: number;
  connectionsCheckingInterval: number;
} {
  return {
    requestTimeout: requestMs,
    headersTimeout: requestMs,
    connectionsCheckingInterval: Math.min(1_000, requestMs),
  };
}

const UNREADABLE: Readonly<Record<string, readonly [ErrorCode, status: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: ['RequestTooLarge', '431 Request Header Fields Too Large', 'the headers are too long'],
  ERR_HTTP_REQUEST_TIMEOUT: ['RequestTooSlow', '408 Request Timeout', 'the request did not come to its end'],
};

/** What is no HTTP, has headers without end, or does not come to its end, is answered here: it never becomes a request. */
function answerUnreadable(this: unknown, error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return;
  const [code, status, message] = UNREADABLE[error.code ?? ''] ?? [
    'RequestInvalid',
    '400 Bad Request',
    'the request cannot be read',
  ];
  const thrown = new BreakwaterError(code, message);
  const problem = { ...problemOf(thrown, randomUUID()), status: Number(status.slice(0, 3)) };
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/problem+json\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function readYaml(text: string): unknown {
  try {
    return parseYaml(text, { maxAliasCount: 100 });
  } catch (cause) {
    throw new BreakwaterError('RequestInvalid', 'the body is not YAML', { cause });
  }
}

/** What Fastify found wrong before a handler ran, in our words. */
function translate(error: FastifyError): unknown {
  if (isBreakwaterError(error)) return error;
  const code = error.code ?? '';
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new BreakwaterError('RequestTooLarge', error.message.toLowerCase(), { cause: error });
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return new BreakwaterError('MediaTypeUnsupported', error.message.toLowerCase(), { cause: error });
  if ((error.statusCode ?? 500) < 500)
    return new BreakwaterError('RequestInvalid', `the request cannot be read: ${error.message}`);
  return error;
}

function notFound(routes: readonly AnyRoute[], method: string, path: string): BreakwaterError {
  const exact = routes.filter((route) => route.path === path);
  const fitting = exact.length > 0 ? exact : routes.filter((route) => matches(route.path, path));
  const allowed = fitting.map((route) => route.method);
  if (allowed.length === 0) return new BreakwaterError('RouteNotFound', `there is nothing at ${path}`);
  return new BreakwaterError('MethodNotAllowed', `${path} does not take ${method}`, {
    details: { allow: [...new Set(allowed)] },
  });
}

function matches(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  return (
    wanted.length === given.length &&
    wanted.every((part, i) => (part.startsWith('{') ? given[i] !== '' : part === given[i]))
  );
}
