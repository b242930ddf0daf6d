import { readForm } from './query.ts';
import { bodyText, type Protocol, type WireError } from './wire.ts';
import { writeElement, escapeXml, writeXmlMembers } from './xml.ts';

/** awsQuery: a form with `Action`; the answer is XML with the result one level down. */
export const awsQuery: Protocol = {
  route: (model, request) => {
    const operation = model.operation(new URLSearchParams(bodyText(request)).get('Action') ?? '');
    return operation === undefined ? null : { operation };
  },
  read: ({ operation }, request) =>
    operation.input === null
      ? {}
      : readForm(operation.input, new URLSearchParams(bodyText(request)), { isEc2: false }),
  write: (model, { name, output }, value, requestId) => {
    const result = output === null ? '' : writeElement(`${name}Result`, writeXmlMembers(output, value ?? {}));
    const metadata = writeElement('ResponseMetadata', writeElement('RequestId', requestId));
    return xmlResponse(
      200,
      requestId,
      writeElement(`${name}Response`, result + metadata, model.xmlNamespace),
    );
  },
  writeError: (model, error, requestId) =>
    xmlResponse(error.status, requestId, errorResponse(error, requestId, model.xmlNamespace)),
};

/** ec2Query: capital letters, flat lists, no result element, and errors of its own form. */
export const ec2Query: Protocol = {
  route: (model, request) => awsQuery.route(model, request),
  read: ({ operation }, request) =>
    operation.input === null
      ? {}
      : readForm(operation.input, new URLSearchParams(bodyText(request)), { isEc2: true }),
  write: (model, { name, output }, value, requestId) => {
    const members = output === null ? '' : writeXmlMembers(output, value ?? {});
    const id = writeElement('requestId', requestId);
    return xmlResponse(200, requestId, writeElement(`${name}Response`, id + members, model.xmlNamespace));
  },
  writeError: (_model, { code, status, message }, requestId) => {
    const error = writeElement(
      'Error',
      writeElement('Code', escapeXml(code)) + writeElement('Message', escapeXml(message)),
    );
    return xmlResponse(
      status,
      requestId,
      writeElement('Response', writeElement('Errors', error) + writeElement('RequestID', requestId)),
    );
  },
};

export function xmlResponse(
  status: number,
  requestId: string,
  xml: string,
  headers: Record<string, string> = {},
) {
  return {
    status,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId, ...headers },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${xml}`,
  };
}

/** The error document of awsQuery and restXml: modelled members stand beside the message. */
export function errorResponse(error: WireError, requestId: string, namespace?: string): string {
  const members = error.model === undefined ? '' : writeXmlMembers(error.model.shape, error.members);
  const content =
    writeElement('Type', error.status < 500 ? 'Sender' : 'Receiver') +
    writeElement('Code', escapeXml(error.code)) +
    writeElement('Message', escapeXml(error.message)) +
    members;
  return writeElement(
    'ErrorResponse',
    writeElement('Error', content) + writeElement('RequestId', requestId),
    namespace,
  );
}
