import { readJsonStructure, writeJsonStructure } from './json.ts';
import type { OperationModel, ServiceModel } from './model.ts';
import { bodyJson, type Protocol, type WireError, type WireResponse } from './wire.ts';

/** awsJson1.0 and 1.1: the operation in `X-Amz-Target`, everything else in a JSON body. */
export function awsJson(version: '1.0' | '1.1'): Protocol {
  const contentType = `application/x-amz-json-${version}`;
  return {
    route: (model, { headers }) => {
      const [target, name] = (headers['x-amz-target'] ?? '').split('.');
      const operation = target === model.target && name !== undefined ? model.operation(name) : undefined;
      return operation === undefined ? null : { operation };
    },
    read: ({ operation }, request) =>
      operation.input === null ? {} : readJsonStructure(operation.input, bodyJson(request)),
    write: (_model: ServiceModel, { output }: OperationModel, value: unknown, requestId): WireResponse => ({
      status: 200,
      headers: { 'content-type': contentType, 'x-amzn-requestid': requestId },
      body: output === null ? '{}' : JSON.stringify(writeJsonStructure(output, value ?? {})),
    }),
    writeError: (_model, error, requestId) => ({
      status: error.status,
      headers: { 'content-type': contentType, 'x-amzn-requestid': requestId },
      body: JSON.stringify({ __type: error.code, ...jsonErrorBody(error) }),
    }),
  };
}

/** Message and members; the message under the name that the shape gives it. */
export function jsonErrorBody({ model, message, members }: WireError): Record<string, unknown> {
  const messageName = model?.shape.byName.has('Message') ? 'Message' : 'message';
  const written = model === undefined ? {} : writeJsonStructure(model.shape, members);
  return { [messageName]: message, ...written };
}
