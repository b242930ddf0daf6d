import { ServiceError } from '#sim/kernel/contract.ts';

export function notFound(resourceType: string, resourceId: string): ServiceError {
  return new ServiceError(
    'ResourceNotFoundException',
    `${resourceType} with ID ${resourceId} does not exist`,
    {
      resourceType,
      resourceId,
    },
  );
}

export function invalid(message: string): ServiceError {
  return new ServiceError('ValidationException', message, { reason: 'other' });
}

export function conflict(message: string): ServiceError {
  return new ServiceError('ConflictException', message);
}
