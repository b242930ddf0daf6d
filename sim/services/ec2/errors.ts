import { ServiceError } from '#sim/kernel/contract.ts';

/** EC2's errors are codes without a model: their status is said here. */
export function ec2Error(code: string, message: string, httpStatus = 400): ServiceError {
  return new ServiceError(code, message, { httpStatus });
}

export function incorrectState(id: string, verb: string): ServiceError {
  return ec2Error(
    'IncorrectInstanceState',
    `The instance '${id}' is not in a state from which it can be ${verb}.`,
  );
}
