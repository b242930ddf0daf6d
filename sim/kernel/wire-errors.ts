import { PROTOCOLS } from './codec/protocols.ts';
import type { ServiceModel } from './codec/model.ts';
import type { WireError, WireRequest, WireResponse } from './codec/wire.ts';
import { commonError, MESSAGES } from './common-errors.ts';
import type { ServiceError } from './contract.ts';
import type { Credential } from './credential.ts';

/** An error of a service with its code and status on the wire. */
export function toWireError(model: ServiceModel, { code, message, members }: ServiceError): WireError {
  const errorModel = model.error(code);
  const { httpStatus, ...given } = members;
  return {
    code: errorModel?.wireCode ?? code,
    status: typeof httpStatus === 'number' ? httpStatus : (errorModel?.status ?? 400),
    message,
    members: errorModel === undefined ? {} : given,
    model: errorModel,
  };
}

/** Answers a request that is not signed, or signed for a service that is not simulated. */
export function notForUs(
  request: WireRequest,
  credential: Credential | null,
  requestId: string,
): WireResponse {
  const isJson = 'x-amz-target' in request.headers;
  const model: ServiceModel = {
    name: credential?.signingName ?? 'aws',
    signingName: credential?.signingName ?? 'aws',
    protocol: isJson ? 'awsJson1_1' : 'awsQuery',
    operationNames: [],
    operation: () => undefined,
    error: () => undefined,
  };
  const error =
    credential === null
      ? commonError(model, 'notSigned', MESSAGES.notSigned)
      : commonError(model, 'unknownOperation', `The service ${model.name} is not simulated.`);
  return PROTOCOLS[model.protocol].writeError(model, toWireError(model, error), requestId);
}

const CONNECTION_CODES = ['ECONNRESET', 'ECONNREFUSED', 'ENOTFOUND'] as const;

/** Whether an error stands for a connection that broke or never was. */
export function isConnectionError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && CONNECTION_CODES.some((code) => code === error.code);
}

/** What an SDK client sees when no answer comes. */
export function connectionError(code: (typeof CONNECTION_CODES)[number], message: string): Error {
  return Object.assign(new Error(message), { code });
}
