import { BreakwaterError } from '#core/errors.ts';

/** The address of a server as it is written and compared here: without a slash at its end. Throws `UsageInvalid`. */
export function serverUrl(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : null;
  const isPlain =
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    `${url.username}${url.password}${url.search}${url.hash}` === '';
  // It may hold a password where none belongs, so it is not repeated.
  if (!isPlain)
    throw new BreakwaterError(
      'UsageInvalid',
      'the address of the server (--api, BREAKWATER_URL) is not right: expected https://HOST or https://HOST/STAGE, without user, ? and #',
    );
  return url.href.replace(/\/+$/, '');
}
