import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Problem } from './problem.ts';
import type { AnyRoute, ResponseShape } from './route.ts';

/** The API's own description, made of the very schemas that parse requests. */
export function describeApi(): FastifyDynamicSwaggerOptions {
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
    transform: jsonSchemaTransform as never,
    transformObject: jsonSchemaTransformObject as never,
  };
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
    ...(needsIfMatch ? { 'if-match': z.string().describe('The ETag of the last read') } : {}),
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
