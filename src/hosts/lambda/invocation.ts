import type { AnyRoute } from '#api/route.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { Json, JsonObject } from '#core/json.ts';
import { nearestName } from '#core/nearest-name.ts';
import type { Finding } from '#core/outcome.ts';
import { schemaFindings } from '#core/schema-findings.ts';
import { z } from 'zod';

/** What a direct invoke of the function says: an operation of the API by its `operationId`, and what it is given. */
export const Invocation = z.strictObject({
  operation: z.string().min(1).max(128),
  /** Of the path, by name. */
  params: z.record(z.string(), z.union([z.string().min(1), z.int()])).default({}),
  /** Others of the path, each from a place in the body, such as `detail.triggerId`: for whoever can hand the body on, but not write texts into JSON. */
  paramsFromBody: z
    .record(z.string(), z.string().regex(/^\w+(\.\w+)*$/, 'expected names with dots between'))
    .default({}),
  query: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  body: z.json().optional(),
  idempotencyKey: z.string().optional(),
  /** The revision that a change goes out from. */
  ifMatch: z.int().min(0).optional(),
  /** Members of the answer's body that are wanted, and no others: SSM Automation reads 200 KB of an answer at most. */
  pick: z.array(z.string().min(1)).max(20).optional(),
  /** Who asks, for the audit trail: the execution of an SSM Automation, a person on call. */
  by: z
    .string()
    .regex(/^[\w.:/+=@-]{1,128}$/, 'expected 1 to 128 letters, digits and ._:/+=@-')
    .optional(),
  /** A refusal fails the invocation, instead of being its answer. */
  mustSucceed: z.boolean().default(false),
});
export type Invocation = z.infer<typeof Invocation>;

/** Throws `RequestInvalid` with every finding. */
export function readInvocation(event: Json): Invocation {
  const parsed = Invocation.safeParse(event);
  if (!parsed.success) throw notAsExpected('event is', schemaFindings(Invocation, event));
  const { params, paramsFromBody, body } = parsed.data;
  const taken = Object.entries(paramsFromBody).map(([name, at]) => ({ name, at, value: valueAt(body, at) }));
  const missing = taken.flatMap(({ name, at, value }) =>
    typeof value === 'string' && value !== '' ? [] : finding(name, value, `no text at ${at} of the body`),
  );
  if (missing.length > 0) throw notAsExpected('params are', missing);
  const found = Object.fromEntries(taken.map(({ name, value }) => [name, value as string]));
  return { ...parsed.data, params: { ...found, ...params } };
}

function valueAt(body: Json | undefined, at: string): Json | undefined {
  let value = body;
  for (const name of at.split('.')) {
    const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, name);
    value = isObject ? (value as JsonObject)[name] : undefined;
  }
  return value;
}

/** The route that an invocation names. Throws `RouteNotFound` with the nearest name, or with all: who has no API Gateway has no list. */
export function routeNamed(routes: readonly AnyRoute[], operation: string): AnyRoute {
  const route = routes.find(({ operationId }) => operationId === operation);
  if (route !== undefined) return route;
  const names = routes.map(({ operationId }) => operationId).sort();
  const nearest = nearestName(operation, names);
  const hint = nearest === null ? `there are ${names.join(', ')}` : `did you mean ${nearest}?`;
  throw new BreakwaterError('RouteNotFound', `there is no operation ${JSON.stringify(operation)}; ${hint}`);
}

/** Path and query. Throws `RequestInvalid` for parameters of the path that are missing, too many, or would lead elsewhere. */
export function urlOf({ path }: AnyRoute, { params, query }: Pick<Invocation, 'params' | 'query'>): string {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  const findings = [
    ...names.flatMap((name) => parameterProblem(name, params[name])),
    ...Object.keys(params)
      .filter((name) => !names.includes(name))
      .map((name) => finding(name, params[name], `not expected; the path is ${path}`)),
  ];
  if (findings.length > 0) throw notAsExpected('params are', findings);
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name]!));
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  );
  return search.size === 0 ? filled : `${filled}?${search.toString()}`;
}

function parameterProblem(name: string, value: string | number | undefined): Finding[] {
  if (value === undefined) return [finding(name, value, 'missing')];
  // Even encoded, these two mean another path.
  if (value === '.' || value === '..') return [finding(name, value, 'no id')];
  return typeof value === 'string' && !value.isWellFormed() ? [finding(name, value, 'half a character')] : [];
}

function finding(name: string, value: Json | undefined, message: string): Finding {
  return {
    level: 'error',
    rule: 'SchemaMismatch',
    path: `params.${name}`,
    ...(value === undefined ? {} : { value }),
    message,
    remedy: 'Give exactly the parameters of the path that /openapi.json describes.',
  };
}

function notAsExpected(whatIs: 'event is' | 'params are', findings: readonly Finding[]): BreakwaterError {
  const list = findings
    .slice(0, 3)
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  return new BreakwaterError('RequestInvalid', `the ${whatIs} not as expected: ${list.join('; ')}`, {
    details: { findings: findings as unknown as Json },
  });
}
