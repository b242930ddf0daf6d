import { parseXML } from '@aws-sdk/xml-builder';
import { bindingsOf, readBindings, routeByPath, writeBindings, type Bindings } from './http-bindings.ts';
import { readJsonStructure, readMembers, writeJsonStructure } from './json.ts';
import type { OperationModel } from './model.ts';
import { jsonErrorBody } from './protocol-aws-json.ts';
import { errorResponse, xmlResponse } from './protocol-query.ts';
import { OutputError, wrongOutput } from './scalars.ts';
import type { Shape, StructureShape } from './shapes.ts';
import {
  bodyJson,
  bodyText,
  type Protocol,
  type Route,
  type WireRequest,
  type WireResponse,
} from './wire.ts';
import { writeElement, readXmlMembers, writeXmlMembers } from './xml.ts';

/** restXml: parts in path, query and headers, the rest in an XML body. */
export const restXml: Protocol = {
  route: routeByPath,
  read: (route, request) => readRest(route, request, readXmlBody),
  write: (model, operation, output, requestId) => {
    const { bindings, values, status, headers } = prepare(operation, output);
    const { output: shape } = operation;
    if (shape === null || bindings === null)
      return { status, headers: { 'x-amzn-requestid': requestId }, body: '' };
    const content = writeXmlMembers(shape, values, bindings.bodyNames);
    return xmlResponse(status, requestId, writeElement(shape.name, content, model.xmlNamespace), headers);
  },
  writeError: (model, error, requestId) =>
    xmlResponse(error.status, requestId, errorResponse(error, requestId, model.xmlNamespace)),
};

function readXmlBody({ body }: Bindings, request: WireRequest): Record<string, unknown> {
  const text = bodyText(request);
  return readXmlMembers(body, text === '' ? {} : Object.values(parseXML(text) as object)[0]);
}

/** restJson1: parts in path, query and headers, the rest in a JSON body or one raw payload. */
export const restJson1: Protocol = {
  route: routeByPath,
  read: (route, request) => readRest(route, request, readJsonBody),
  write: (_model, operation, output, requestId) => {
    const { bindings, values, status, headers } = prepare(operation, output);
    headers['x-amzn-requestid'] = requestId;
    if (bindings?.payload !== undefined) return { status, headers, body: payloadOf(bindings, values) };
    headers['content-type'] = 'application/json';
    return { status, headers, body: status === 204 ? '' : jsonBody(operation.output, bindings, values) };
  },
  writeError: (_model, error, requestId) => {
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      'x-amzn-requestid': requestId,
      'x-amzn-errortype': error.code,
    };
    for (const member of error.model?.shape.members ?? []) {
      const value = error.members[member.name];
      const header = member.merged.httpHeader;
      if (header !== undefined && typeof value === 'string') headers[header.toLowerCase()] = value;
    }
    return { status: error.status, headers, body: JSON.stringify(jsonErrorBody(error)) };
  },
};

function readJsonBody({ payload, body }: Bindings, request: WireRequest): Record<string, unknown> {
  if (payload === undefined) return readMembers(body, bodyJson(request) as Record<string, unknown>);
  if (request.body.length === 0) return {};
  return { [payload.name]: readPayload(payload.shape, request) };
}

function readPayload(shape: Shape, request: WireRequest): unknown {
  if (shape.kind === 'structure') return readJsonStructure(shape, bodyJson(request));
  if (shape.kind !== 'blob') return bodyText(request);
  return typeof request.body === 'string' ? Buffer.from(request.body) : request.body;
}

function jsonBody(
  shape: StructureShape | null,
  bindings: Bindings | null,
  values: Record<string, unknown>,
): string {
  if (shape === null || bindings === null) return '{}';
  const written = writeJsonStructure(shape, values);
  if (bindings.body.length === shape.members.length) return JSON.stringify(written);
  return JSON.stringify(
    Object.fromEntries(Object.entries(written).filter(([name]) => bindings.bodyNames.has(name))),
  );
}

function payloadOf({ payload }: Bindings, values: Record<string, unknown>): WireResponse['body'] {
  const value = values[payload!.name];
  if (value === undefined || value === null) return '';
  if (payload!.shape.kind === 'structure') return JSON.stringify(writeJsonStructure(payload!.shape, value));
  if (typeof value === 'string' || value instanceof Uint8Array) return value;
  throw wrongOutput(payload!.name, 'bytes or text', value);
}

function readRest(
  route: Route,
  request: WireRequest,
  readBody: (bindings: Bindings, request: WireRequest) => Record<string, unknown>,
): Record<string, unknown> {
  const { input } = route.operation;
  if (input === null) return {};
  const bindings = bindingsOf(input);
  return { ...readBindings(bindings, route, request), ...readBody(bindings, request) };
}

function prepare(operation: OperationModel, output: unknown) {
  const bindings = operation.output === null ? null : bindingsOf(operation.output);
  const values = (output ?? {}) as Record<string, unknown>;
  for (const name in values) {
    if (values[name] !== undefined && !operation.output?.byName.has(name)) {
      throw new OutputError(`the output of ${operation.name} has no member ${name}`);
    }
  }
  return { bindings, values, ...writeBindings(operation, bindings, values) };
}
