import type { Denials } from '#control/denials.ts';
import { networkOf } from '#control/network-of.ts';
import { BreakwaterError, hasCode } from '#core/errors.ts';
import type { Principal } from '#core/permissions.ts';
import { errors } from 'jose';
import { createHash } from 'node:crypto';
import type { Authenticator, Credentials } from './authenticator.ts';
import { failureBrake } from './failure-brake.ts';
import { refused } from './refused.ts';

export interface GuardedParams {
  readonly denials: Pick<Denials, 'noteFailure'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** What proves an identity; `null`: nothing is presented. */
  readonly presentedIn: (credentials: Credentials) => string | null;
  /** The id of a local token that is presented: it is slowed down wherever it comes from. */
  readonly tokenIdIn?: (presented: string) => string | undefined;
  /** Answers who presents it. Throws why it does not count, for the evidence. */
  readonly identify: (credentials: Credentials) => Promise<Principal>;
}

const MOST_GOOD = 10_000;
const OUTAGE_GRAIN_MS = 60_000;

/** All that fails looks the same from outside; why is in the audit trail. Who fails often is slowed down. */
export function guarded({ denials, now, presentedIn, tokenIdIn, identify }: GuardedParams): Authenticator {
  const brake = failureBrake(now);
  /** Hashes of credentials that have proved an identity: the failures of others do not hold these up. They are still verified. */
  const good = new Set<string>();
  let lastOutageAt = -Infinity;

  const note = async (why: BreakwaterError, { address, requestId }: Credentials, keys: readonly string[]) => {
    if (why.retry === 'retryable') {
      // Nobody's failure, and as many as there are callers: told once a minute.
      if (now() - lastOutageAt < OUTAGE_GRAIN_MS) return;
      lastOutageAt = now();
    } else brake.note(keys);
    await denials.noteFailure({ why: why.message, address, requestId });
  };

  return {
    async authenticate(credentials) {
      const presented = presentedIn(credentials);
      if (presented === null) throw new BreakwaterError('Unauthenticated', 'no identity was presented');
      const print = createHash('sha256').update(presented).digest('hex');
      const keys = brakeKeys(credentials.address, tokenIdIn?.(presented));
      if (!good.has(print)) brake.refuseIfBraked(keys);
      try {
        const principal = await identify(credentials);
        good.add(print);
        if (good.size > MOST_GOOD) good.delete(good.values().next().value!);
        return principal;
      } catch (error) {
        good.delete(print);
        const why = error instanceof errors.JOSEError ? refused(error.message) : error;
        if (!hasCode(why, 'Unauthenticated')) throw error;
        await note(why, credentials, keys);
        const isForAll = why.details['toAll'] === true;
        throw new BreakwaterError(
          'Unauthenticated',
          isForAll ? why.message : 'what was presented proves no identity',
        );
      }
    },
  };
}

/** Who is slowed down: the address (of IPv6 the network, which one owner has whole), and the id of a local token. */
function brakeKeys(address: string, tokenId: string | undefined): string[] {
  return [`address/${networkOf(address)}`, ...(tokenId === undefined ? [] : [`token/${tokenId}`])];
}
