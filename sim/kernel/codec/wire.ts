import type { OperationModel, ServiceModel } from './model.ts';

/** A request as it stands on the wire, by whichever way it came. */
export interface WireRequest {
  readonly method: string;
  /** Percent-encoded, without the query. */
  readonly path: string;
  /** Decoded. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

export interface WireResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array | string;
}

/** An error on its way out: its code on the wire, and what its shape declares beside the message. */
export interface WireError {
  readonly code: string;
  readonly status: number;
  readonly message: string;
  /** Member values, ready for the shape; empty for errors that no model declares. */
  readonly members: Readonly<Record<string, unknown>>;
  readonly model: ReturnType<ServiceModel['error']>;
}

/** Which operation a request asks for; `labels` are the values found in its path. */
export interface Route {
  readonly operation: OperationModel;
  readonly labels?: Readonly<Record<string, string>>;
}

/** The server side of an AWS protocol. */
export interface Protocol {
  /** `null`: the request names no operation of the service. */
  route(model: ServiceModel, request: WireRequest): Route | null;
  /** Throws `InputError`. */
  read(route: Route, request: WireRequest): unknown;
  /** Throws `OutputError` if a service answers what its schema does not have. */
  write(model: ServiceModel, operation: OperationModel, output: unknown, requestId: string): WireResponse;
  writeError(model: ServiceModel, error: WireError, requestId: string): WireResponse;
}

/** The body as text. */
export function bodyText({ body }: WireRequest): string {
  return typeof body === 'string'
    ? body
    : Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
}

/** The body as JSON; an empty one is an empty object. Throws `SyntaxError`. */
export function bodyJson(request: WireRequest): unknown {
  const text = bodyText(request);
  return text === '' ? {} : (JSON.parse(text) as unknown);
}
