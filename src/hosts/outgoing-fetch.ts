import { lookup as lookUp } from 'node:dns/promises';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { addAbortSignal, Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { addressProblem, hostOf } from '#control/outgoing-address.ts';
import { BreakwaterError } from '#core/errors.ts';

/** What stands against a host and what its name leads to now; before that is known, against the host alone. `null`: nothing. */
export type AddressRule = (host: string, addresses: readonly string[]) => string | null;

interface OutgoingParams {
  /** Beside what is forbidden to all. */
  readonly rule?: AddressRule | undefined;
  /** All addresses of a name. */
  readonly lookup?: (host: string, options: { all: true }) => Promise<{ address: string; family: number }[]>;
}

/** As `fetch`, for requests that somebody has entered the address of: a text as body, no redirects, a connection each. */
export type OutgoingFetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/**
 * Goes to no address that has not been looked at. A name is asked for once, by the connection itself: who answers for it cannot show a
 * harmless address to the check, and another to the connection. Throws `RequestInvalid` for an address that must not be asked.
 */
export function outgoingFetch({ rule = () => null, lookup = lookUp }: OutgoingParams = {}): OutgoingFetch {
  const requireAllowed: (...given: Parameters<AddressRule>) => void = (host, addresses) => {
    const problem =
      rule(host, addresses) ?? addresses.map(addressProblem).find((one) => one !== null) ?? null;
    if (problem !== null) throw new BreakwaterError('RequestInvalid', problem);
  };
  const checkedLookup: LookupFunction = (host, { all = false }, answer) => {
    const checked = lookup(host, { all: true }).then((found) => {
      const addresses = found.map(({ address }) => address);
      requireAllowed(host, addresses);
      return found;
    });
    checked.then(
      (found) => (all ? answer(null, found) : answer(null, found[0]!.address, found[0]!.family)),
      (error: NodeJS.ErrnoException) => answer(error, []),
    );
  };
  return async (url, init = {}) => {
    const target = new URL(url);
    const host = hostOf(target);
    // An address is asked for at no one: it stands here already.
    requireAllowed(host, isIP(host) === 0 ? [] : [host]);
    return responseOf(await send(target, init, checkedLookup), init.signal ?? undefined);
  };
}

function send(url: URL, init: RequestInit, lookup: LookupFunction): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  const headers = Object.fromEntries(new Headers(init.headers));
  return new Promise((resolve, reject) => {
    request(url, {
      method: init.method ?? 'GET',
      headers,
      ...(init.signal && { signal: init.signal }),
      // No connection of before, which another lookup has led to.
      agent: false,
      lookup,
    })
      .on('response', resolve)
      .on('error', reject)
      .end(init.body);
  });
}

/** https://fetch.spec.whatwg.org/#null-body-status */
const WITHOUT_BODY = new Set([204, 205, 304]);

function responseOf(message: IncomingMessage, signal: AbortSignal | undefined): Response {
  if (signal !== undefined) addAbortSignal(signal, message);
  const { statusCode: status = 0, headersDistinct } = message;
  const headers = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  if (WITHOUT_BODY.has(status)) message.resume();
  const body = WITHOUT_BODY.has(status) ? null : Readable.toWeb(message);
  return new Response(body as ReadableStream<Uint8Array> | null, { status, headers });
}
