import { BreakwaterError, hasCode } from '#core/errors.ts';
import type { Json } from '#core/json.ts';
import { isAllowed, type Permission, type Principal } from '#core/permissions.ts';
import { schemaFindings } from '#core/schema-findings.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import type { z } from 'zod';
import type { AppLimits, AppParams } from './app-params.ts';
import { describeRoute } from './openapi.ts';
import type { Answer, AnyRoute, Asked } from './route.ts';
import { tooMany } from './too-many.ts';

const MOST_DEPTH = 100;
const ETAG = /^(?:W\/)?"(\d{1,15})"$/;

/** What Fastify keeps with a route for us. */
export interface RouteConfig {
  /** Anybody may ask. */
  readonly isPublic?: boolean;
}

/** Puts a route into the app: who asks, may they, is the input sound, then the handler, then its answer. */
export function registerRoute(
  app: FastifyInstance,
  route: AnyRoute,
  { authenticator, checkAnswers, onForbidden = async () => {} }: AppParams,
  limits: AppLimits,
): void {
  const principals = new WeakMap<FastifyRequest, Principal>();
  const told = async <T>(request: FastifyRequest, work: () => T | Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      const by = principals.get(request)?.id;
      if (by !== undefined && hasCode(error, 'Forbidden')) {
        const { ip: address, id: requestId } = request;
        const at = `${route.method} ${route.path}`;
        await onForbidden({ by, route: at, why: error.message, address, requestId });
      }
      throw error;
    }
  };
  const limitPrincipal = app.createRateLimit({
    max: limits.perPrincipalAMinute,
    timeWindow: 60_000,
    keyGenerator: (request: FastifyRequest) => principals.get(request)?.id ?? request.ip,
  });
  app.route({
    method: route.method,
    url: route.path.replace(/\{(\w+)\}/g, ':$1'),
    schema: describeRoute(route),
    config: { isPublic: route.permission === 'public' } satisfies RouteConfig,
    // Before the body is read: who may not ask has nothing parsed.
    onRequest: async (request) => {
      if (route.permission === 'public') return;
      const { headers, ip: address, id: requestId } = request;
      const principal = await authenticator.authenticate({ headers, address, requestId });
      principals.set(request, principal);
      const limit = await limitPrincipal(request);
      if (!limit.isAllowed && limit.isExceeded) throw tooMany(limit.ttl);
      await told(request, () => refuseForbidden(route, principal));
    },
    handler: async (request, reply) => {
      const asked = read(route, request, reply, principals.get(request) ?? null);
      // Some look further than the route's permission.
      const answer = await told(request, () => route.handle(asked));
      if (checkAnswers) checkAnswer(route, answer);
      return send(route, reply, answer);
    },
  });
}

function refuseForbidden(route: AnyRoute, principal: Principal): void {
  const { permission } = route;
  if (permission === 'public' || permission === 'authenticated') return;
  const any: readonly Permission[] = typeof permission === 'string' ? [permission] : permission;
  if (!any.some((one) => isAllowed(principal, one))) throw forbidden(principal, any);
}

/** For handlers that look further than the route's permission. */
export function forbidden(principal: Principal, any: readonly Permission[]): BreakwaterError {
  return new BreakwaterError(
    'Forbidden',
    `${principal.name} has not the permission ${any.join(' or ')}; roles: ${principal.roles.join(', ') || 'none'}`,
  );
}

function read(
  route: AnyRoute,
  request: FastifyRequest,
  reply: FastifyReply,
  principal: Principal | null,
): Asked {
  const ended = new AbortController();
  reply.raw.once('close', () => ended.abort());
  const { headers } = request;
  refuseOtherMediaType(route, headers['content-type']);
  return {
    params: parse(route.params, request.params, 'path'),
    query: parse(route.query, request.query, 'query'),
    body: route.body === undefined ? undefined : parse(route.body, request.body, 'body'),
    principal,
    requestId: request.id,
    address: request.ip,
    ifMatch: readIfMatch(route, headers['if-match']),
    idempotencyKey: readIdempotencyKey(route, headers['idempotency-key']),
    headers,
    signal: ended.signal,
  };
}

function parse(schema: z.ZodType | undefined, value: unknown, place: 'path' | 'query' | 'body'): unknown {
  if (schema === undefined) {
    const extra = Object.keys((value as object | undefined) ?? {});
    if (place !== 'query' || extra.length === 0) return {};
    throw new BreakwaterError(
      'RequestInvalid',
      `this route takes no query parameters, found ${extra.join(', ')}`,
    );
  }
  refuseUnkeepable(value, place);
  const parsed = schema.safeParse(value ?? (place === 'body' ? undefined : {}));
  if (parsed.success) return parsed.data;
  const findings = schemaFindings(schema, value);
  const list = findings.slice(0, 3).map(({ path, message }) => `${path || place}: ${message}`);
  throw new BreakwaterError('RequestInvalid', `the ${place} is not as expected: ${list.join('; ')}`, {
    details: { findings: findings as unknown as Json },
  });
}

/** YAML can be read everywhere, and is taken where the route says so. */
function refuseOtherMediaType({ body, alsoAccepts = [] }: AnyRoute, type: string | undefined): void {
  if (body === undefined || type === undefined || !/yaml/i.test(type) || alsoAccepts.length > 0) return;
  throw new BreakwaterError('MediaTypeUnsupported', `this route does not take ${type}`);
}

/**
 * Schemas are walked by recursion: what is nested without end would end the stack, not the request. And text with NUL, or with half
 * a character, is not what any store takes as a key.
 */
function refuseUnkeepable(value: unknown, place: string): void {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MOST_DEPTH)
      throw new BreakwaterError('RequestInvalid', `the ${place} is nested more than ${MOST_DEPTH} deep`);
    const bad = level.find((one) => typeof one === 'string' && (one.includes('\0') || !one.isWellFormed()));
    if (bad !== undefined)
      throw new BreakwaterError(
        'RequestInvalid',
        `the ${place} has text with NUL or half a character: ${JSON.stringify(bad).slice(0, 200)}`,
      );
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
}

function readIfMatch(route: AnyRoute, header: string | undefined): number | undefined {
  if (!route.needsIfMatch) return undefined;
  if (header === undefined) throw new BreakwaterError('PreconditionMissing', 'a change needs If-Match');
  const revision = ETAG.exec(header)?.[1];
  if (revision === undefined)
    throw new BreakwaterError('RequestInvalid', 'If-Match is no ETag that this server gave');
  return Number(revision);
}

function readIdempotencyKey(route: AnyRoute, header: string | string[] | undefined): string | undefined {
  if (!route.takesIdempotencyKey || header === undefined) return undefined;
  if (typeof header === 'string' && /^[\x21-\x7e]{1,128}$/.test(header)) return header;
  throw new BreakwaterError('RequestInvalid', 'Idempotency-Key has 1 to 128 visible ASCII characters');
}

function send(route: AnyRoute, reply: FastifyReply, answer: Answer): FastifyReply {
  const { status, body, revision, headers = {}, stream } = answer;
  reply.status(status).headers(headers);
  if (revision !== undefined) reply.header('etag', `"${revision}"`);
  const shape = route.responses[status];
  if (shape && 'contentType' in shape && !headers['content-type']) reply.type(shape.contentType);
  return stream === undefined ? reply.send(body) : reply.send(Readable.from(stream));
}

function checkAnswer(route: AnyRoute, { status, body, stream }: Answer): void {
  const shape = route.responses[status];
  const place = `${route.method} ${route.path} answered ${status}`;
  if (shape === undefined) throw new BreakwaterError('Bug', `${place}, which is not declared`);
  if (shape === null || stream !== undefined || 'contentType' in shape) return;
  const findings = schemaFindings(shape, body);
  if (findings.length > 0)
    throw new BreakwaterError('Bug', `${place} in another shape: ${JSON.stringify(findings.slice(0, 5))}`);
}
