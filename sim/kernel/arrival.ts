import type { ServiceModel } from './codec/model.ts';
import type { Route, WireRequest } from './codec/wire.ts';
import type { CallRecord } from './call-log.ts';
import type { ServiceDefinition } from './contract.ts';
import type { Credential } from './credential.ts';
import type { FaultRule } from './faults.ts';
import type { AccessKey } from './identity.ts';

/** A request on its way, with what has been found out about it so far. */
export interface Arrival {
  readonly request: WireRequest;
  readonly credential: Credential;
  readonly model: ServiceModel;
  readonly service: ServiceDefinition;
  readonly requestId: string;
  readonly number: number;
  key?: AccessKey;
  route?: Route;
  input?: unknown;
  fault?: FaultRule | null;
}

/** What is asked of whom, where. Global services have no Region, whatever the signature says. */
export function targetOf({ service, credential, key, route }: Arrival) {
  return {
    service: service.name,
    operation: route?.operation.name ?? 'unknown',
    accountId: key?.accountId ?? 'unknown',
    region: service.global ? 'global' : credential.region,
  };
}

/** The request as the call log and hooks see it. */
export function describeArrival(
  arrival: Arrival,
  time: number,
): Omit<CallRecord, 'error' | 'fault' | 'tookEffect'> {
  const { requestId, number, input, key } = arrival;
  return { number, requestId, time, ...targetOf(arrival), principal: key?.principal ?? 'anonymous', input };
}

const READ_NAME = /^(Describe|Get|List|Head|BatchGet)/;

/** True if the operation changes nothing. */
export function isRead({ service, route }: Arrival): boolean {
  const operation = route?.operation.name ?? '';
  return service.isRead?.(operation) ?? READ_NAME.test(operation);
}
