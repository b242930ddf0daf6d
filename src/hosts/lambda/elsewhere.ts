import { isLoopback } from '#control/outgoing-address.ts';
import type { AddressRule } from '../outgoing-fetch.ts';
import type { AwsPlace } from '../platform.ts';

/**
 * Webhooks go to hosts elsewhere. On the function's own machine there is nothing but Lambda's way to hand over calls and answers:
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export function elsewhere(place: AwsPlace): AddressRule {
  return (host, addresses) =>
    place.simulated || ![host, ...addresses].some(isLoopback)
      ? null
      : `${host} is the machine of this function, where nobody listens`;
}
