import type { AskSts } from '#api/identity/iam-proof.ts';
import { refusedToAll } from '#api/identity/refused.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { AwsPlace } from './platform.ts';

const TIMEOUT_MS = 5_000;
/** Its members come in any order; what is in no result counts for nothing. */
const ARN = /<GetCallerIdentityResult>(?:\s*<(\w+)>[^<]*<\/\1>)*?\s*<Arn>([^<]+)<\/Arn>/;

/**
 * Sends a signed GetCallerIdentity request as the caller signed it, to where they signed it for. Throws `Unauthenticated` when STS
 * does not believe it, and on a simulated AWS within this process, which checks no signatures: whoever knew an ARN could be it.
 */
export function askStsOf(place: Pick<AwsPlace, 'aws'>, send: typeof fetch): AskSts {
  return async ({ url, headers, body }) => {
    if (place.aws.requestHandler !== undefined)
      throw refusedToAll(
        'this server simulates AWS in its own process and refuses all IAM proofs: nothing there checks a signature',
      );
    // `host` and `content-length` are for the connection to set; STS judges what was signed.
    const own = Object.entries(headers).filter(([name]) => !/^(host|content-length)$/i.test(name));
    const answer = await send(url, {
      method: 'POST',
      headers: Object.fromEntries(own),
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (answer.status >= 500)
      throw new BreakwaterError('AwsUnreachable', `STS has trouble: it answered ${answer.status}`);
    const text = (await answer.text()).slice(0, 100_000);
    const arn = ARN.exec(text)?.[2];
    if (answer.status !== 200 || arn === undefined)
      throw new BreakwaterError('Unauthenticated', `STS answered ${answer.status} to the proof`);
    return { arn };
  };
}
