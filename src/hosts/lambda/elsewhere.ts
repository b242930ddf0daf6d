import { isLoopback } from '#control/outgoing-address.ts';
import { BreakwaterError } from '#core/errors.ts';
import { addressesOf } from '../addresses-of.ts';
import type { AwsPlace } from '../platform.ts';

/**
 * The addresses of hosts elsewhere. On the function's own machine there is nothing but Lambda's way to hand over calls and answers:
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export function elsewhere(place: AwsPlace): (host: string) => Promise<readonly string[]> {
  return async (host) => {
    const addresses = await addressesOf(host);
    if (place.simulated || ![host, ...addresses].some(isLoopback)) return addresses;
    throw new BreakwaterError(
      'RequestInvalid',
      `${host} is the machine of this function, where nobody listens`,
    );
  };
}
