import type { Arrival } from './arrival.ts';
import { isRead, targetOf } from './arrival.ts';
import { commonError, MESSAGES } from './common-errors.ts';
import { ServiceError } from './contract.ts';
import type { FaultRule, Faults } from './faults.ts';
import { accessKeys, isDenied, type AccessKey } from './identity.ts';
import type { RateLimiter } from './rate-limits.ts';
import { isSignatureValid } from './signature.ts';
import { connectionError } from './wire-errors.ts';
import type { World } from './world.ts';

/** Whose request this is. Throws the error that AWS answers to credentials it does not take. */
export function authenticate(
  world: World,
  { request, credential, model }: Arrival,
  { verify }: { verify: boolean },
): AccessKey {
  const key = accessKeys(world).get(credential.accessKeyId);
  const token = request.headers['x-amz-security-token'] ?? null;
  if (key === undefined || token !== key.sessionToken) {
    throw commonError(model, 'unknownKey', MESSAGES.unknownKey);
  }
  if (verify && !isSignatureValid(request, credential, key.secretAccessKey)) {
    throw commonError(model, 'badSignature', MESSAGES.badSignature);
  }
  if (key.expiresAt !== null && key.expiresAt <= world.now) {
    throw commonError(model, 'expiredToken', MESSAGES.expiredToken);
  }
  return key;
}

/** Answers the fault that strikes this request; throws it if it stands in the way of the service. */
export function meetFault(faults: Faults, arrival: Arrival): FaultRule | null {
  const target = targetOf(arrival);
  const rule = faults.strike({ ...target, isRead: isRead(arrival) });
  arrival.fault = rule;
  switch (rule?.fault) {
    case 'regionDown':
      throw connectionError('ECONNREFUSED', `connect ECONNREFUSED ${target.service}.${target.region}`);
    case 'throttle':
      throw commonError(arrival.model, 'throttled', MESSAGES.throttled);
    case 'quota':
      throw commonError(arrival.model, 'quotaExceeded', MESSAGES.quotaExceeded);
    case 'error': {
      const { code, message, httpStatus } = rule;
      throw new ServiceError(code, message, httpStatus === undefined ? {} : { httpStatus });
    }
    default:
      return rule;
  }
}

/** Throws the service's throttling error if the account asks too much. */
export function limitRate(limiter: RateLimiter, arrival: Arrival, now: number): void {
  if (!limiter.admit(targetOf(arrival), { isRead: isRead(arrival), now })) {
    throw commonError(arrival.model, 'throttled', MESSAGES.throttled);
  }
}

/** Throws the service's error for what the key's user or role may not do. */
export function authorize({ model, key, ...arrival }: Arrival): void {
  const { service, operation } = targetOf({ model, ...arrival });
  if (key === undefined || !isDenied(key, service, operation)) return;
  const what = `${model.signingName}:${operation}`;
  throw commonError(
    model,
    'accessDenied',
    `User: ${key.principal} is not authorized to perform: ${what} with an explicit deny in an identity-based policy`,
  );
}
