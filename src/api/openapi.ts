import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Problem } from './problem.ts';
import type { AnyRoute, ResponseShape } from './route.ts';
import { nameShapes } from './shapes/names.ts';

/** The API's own description, made of the very schemas that parse requests. */
export function describeApi(routes: readonly AnyRoute[]): FastifyDynamicSwaggerOptions {
  nameShapes();
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Breakwater',
        version: '1',
        description: 'Disaster-recovery orchestration for AWS. Errors are `application/problem+json`.',
      },
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'A local token, or an OIDC token' },
          iam: {
            type: 'apiKey',
            in: 'header',
            name: 'x-breakwater-iam-proof',
            description: 'A signed STS GetCallerIdentity request, bound to this server; see docs/security.md',
          },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: (given) => finish(jsonSchemaTransformObject(given) as unknown as ApiDocument, routes),
  };
}

interface ApiDocument {
  readonly paths: Record<string, Record<string, Described>>;
  readonly components: { schemas: Record<string, unknown> };
}

interface Described {
  readonly requestBody?: RequestBody;
  readonly responses: Record<string, { readonly content: Record<string, unknown> }>;
}

interface RequestBody {
  required: boolean;
  readonly content: Record<string, unknown>;
}

/** What the generator cannot know: bodies that may be left out, those that may be YAML; and the shapes that nothing refers to. */
function finish(given: ApiDocument, routes: readonly AnyRoute[]): ApiDocument {
  const document = withJsonByName(given);
  for (const { method, path, body, alsoAccepts = [], alsoAnswers = [] } of routes) {
    const described = document.paths[path]?.[method.toLowerCase()];
    for (const type of alsoAnswers) described!.responses['200']!.content[type] = { schema: {} };
    const request = described?.requestBody;
    if (request === undefined || body === undefined) continue;
    request.required = !body.safeParse(undefined).success;
    for (const type of alsoAccepts) request.content[type] = request.content['application/json'];
  }
  return withPlainNames(withoutUnused(document));
}

function withoutUnused(document: ApiDocument): ApiDocument {
  const { schemas } = document.components;
  for (;;) {
    const text = JSON.stringify(document);
    const unused = Object.keys(schemas).filter((name) => !text.includes(`"#/components/schemas/${name}"`));
    if (unused.length === 0) return document;
    for (const name of unused) delete schemas[name];
  }
}

/** The generator calls what is sent `…Input`. Only what is answered in another shape needs the word: with defaults filled in. */
function withPlainNames(document: ApiDocument): ApiDocument {
  const names = Object.keys(document.components.schemas);
  const plain = (name: string): string => {
    const short = name.replace(/Input$/, '');
    return names.includes(short) ? name : short;
  };
  const text = JSON.stringify(document).replaceAll(
    /"#\/components\/schemas\/(\w+)"/g,
    (_, name: string) => `"#/components/schemas/${plain(name)}"`,
  );
  const renamed = JSON.parse(text) as ApiDocument;
  const schemas = Object.entries(renamed.components.schemas).map(([name, schema]) => [plain(name), schema]);
  return { ...renamed, components: { ...renamed.components, schemas: Object.fromEntries(schemas) } };
}

/**
 * `z.json()` is the one schema here that refers to itself, and the generator names the inside of it in a way that no reader of OpenAPI
 * resolves: it stands as a shape of its own instead.
 */
function withJsonByName(document: ApiDocument): ApiDocument {
  const text = JSON.stringify(document, (name, value: unknown) => (name === '$defs' ? undefined : value));
  const named = JSON.parse(
    text.replaceAll(/#\/components\/schemas\/(__shared#\/\$defs\/)?schema\d+/g, '#/components/schemas/Json'),
  ) as ApiDocument;
  delete named.components.schemas['__shared'];
  named.components.schemas['Json'] = { description: 'Any JSON value' };
  return named;
}

/** A route's part of the description. */
export function describeRoute(route: AnyRoute): object {
  const { operationId, tag, summary, description, params, query, body } = route;
  const isPublic = route.permission === 'public';
  return {
    operationId,
    tags: [tag],
    summary,
    description: [description, permissionText(route)].filter(Boolean).join('\n\n'),
    ...(isPublic ? { security: [] } : { security: [{ bearer: [] }, { iam: [] }] }),
    ...(params === undefined ? {} : { params }),
    ...(query === undefined ? {} : { querystring: query }),
    ...(body === undefined ? {} : { body }),
    ...headersOf(route),
    response: {
      ...Object.fromEntries(
        Object.entries(route.responses).map(([status, shape]) => [status, responseOf(shape)]),
      ),
      '4xx': problem('The request cannot be served as it is'),
      '5xx': problem('AWS or the server has trouble'),
    },
  };
}

function permissionText({ permission }: AnyRoute): string {
  if (permission === 'public') return 'Needs no identity.';
  if (permission === 'authenticated') return 'Needs an identity, no permission.';
  return `Needs the permission ${[permission]
    .flat()
    .map((one) => `\`${one}\``)
    .join(' or ')}.`;
}

function headersOf({ needsIfMatch, takesIdempotencyKey }: AnyRoute): { headers?: z.ZodType } {
  const headers = {
    ...(needsIfMatch
      ? {
          'if-match': z
            .string()
            .regex(/^(W\/)?"\d{1,15}"$/)
            .describe('The ETag of the last read'),
        }
      : {}),
    ...(takesIdempotencyKey
      ? {
          'idempotency-key': z
            .string()
            .regex(/^[\x21-\x7e]{1,128}$/)
            .optional(),
        }
      : {}),
  };
  return Object.keys(headers).length === 0 ? {} : { headers: z.object(headers) };
}

function responseOf(shape: ResponseShape): unknown {
  if (shape === null) return z.undefined().describe('Done');
  if ('contentType' in shape)
    return { description: shape.description, content: { [shape.contentType]: { schema: z.string() } } };
  return shape;
}

function problem(description: string): unknown {
  return { description, content: { 'application/problem+json': { schema: Problem } } };
}
