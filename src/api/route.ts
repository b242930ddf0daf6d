import type { Permission, Principal } from '#core/permissions.ts';
import type { z } from 'zod';

/** What a handler is given: parsed input, and who asks. */
export interface Asked<P = unknown, Q = unknown, B = unknown> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** `null` on a public route. */
  readonly principal: Principal | null;
  readonly requestId: string;
  /** Where the request came from. */
  readonly address: string;
  /** The revision that `If-Match` names; `undefined` if the header is not there. */
  readonly ifMatch: number | undefined;
  readonly idempotencyKey: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Aborted when the client goes away or the server stops. */
  readonly signal: AbortSignal;
}

/** What a handler answers. `revision` becomes the ETag. `body` is JSON unless the route's response says another type. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly revision?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Streams text instead of a body, for server-sent events and downloads. */
  readonly stream?: AsyncIterable<string>;
}

/** A response: JSON by a schema; or of another media type; `null`: no body. */
export type ResponseShape = z.ZodType | { readonly contentType: string; readonly description: string } | null;

export interface Route<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With `{name}` for parameters, as OpenAPI has it. */
  readonly path: string;
  /** `public`: no token is asked. `authenticated`: any principal. An array: any of them, and the handler looks further. */
  readonly permission: Permission | readonly Permission[] | 'public' | 'authenticated';
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** The body's media types besides JSON, such as `application/yaml`; the handler gets them parsed alike. */
  readonly alsoAccepts?: readonly string[];
  /** Media types in which the 200 may come besides its own. */
  readonly alsoAnswers?: readonly string[];
  /** `If-Match` must be sent. */
  readonly needsIfMatch?: boolean;
  /** `Idempotency-Key` may be sent. */
  readonly takesIdempotencyKey?: boolean;
  /** By status. Errors need not be listed: all routes answer them as `Problem`. */
  readonly responses: Readonly<Record<number, ResponseShape>>;
  readonly handle: (asked: Asked<z.output<P>, z.output<Q>, z.output<B>>) => Promise<Answer>;
}

export type AnyRoute = Route<z.ZodType, z.ZodType, z.ZodType>;

/** Declares a route; types of the handler's input follow from the schemas. */
export function defineRoute<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(
  route: Route<P, Q, B>,
): AnyRoute {
  return route;
}
