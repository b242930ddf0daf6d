import { endpointOf, PROBED_SERVICES, probeEndpoint, type Probe } from '#aws/probe-endpoint.ts';
import { messageOf } from '#core/errors.ts';
import { failed, ok, warning, type Check, type Found } from './check.ts';

export interface Reaching {
  readonly region: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Real time, ms since 1970. */
  readonly now: () => number;
  readonly fetch?: typeof fetch;
}

/** SigV4 refuses a request that is further from AWS's time than this. */
const MOST_SKEW_MS = 5 * 60_000;
const WORTH_TELLING_MS = 60_000;

/** Each endpoint, and this machine's clock against that of AWS. */
export function reachChecks({ region, environment, now, fetch }: Reaching): Check[] {
  const probe = (url: string, signal: AbortSignal): Promise<Probe> =>
    probeEndpoint(url, { signal, ...(fetch === undefined ? {} : { fetch }) });
  const urls = new Map(PROBED_SERVICES.map((service) => [service, endpointOf(service, region, environment)]));
  const distinct = Map.groupBy(urls, ([, url]) => url);
  return [
    ...[...distinct].map(([url, services]): Check => ({
      group: 'reach',
      name: services.length === urls.size ? 'all services' : services.map(([service]) => service).join(', '),
      look: async (signal) => {
        const startedAt = now();
        const answer = await probe(url, signal).catch((error: unknown) => error);
        if (answer instanceof Error) return unreachable(url, answer);
        return ok(`${url} answers in ${now() - startedAt} ms`);
      },
    })),
    {
      group: 'clock',
      name: 'against AWS',
      look: async (signal) => {
        const url = urls.get('sts')!;
        const before = now();
        const answer = await probe(url, signal).catch((error: unknown) => error);
        if (answer instanceof Error) return unreachable(url, answer);
        return skewFound(url, (answer as Probe).date, (before + now()) / 2);
      },
    },
  ];
}

function unreachable(url: string, error: Error): Found {
  const cause = error.cause === undefined ? '' : `: ${messageOf(error.cause)}`;
  return failed(
    `${url} cannot be reached: ${error.message}${cause}`,
    'Check network, DNS, proxy and the VPC endpoint.',
  );
}

function skewFound(url: string, date: number | null, now: number): Found {
  if (date === null) return warning(`${url} does not say what time it is`, 'Compare the clock by hand.');
  // Its time is cut to the second.
  const skewMs = Math.round(now - (date + 500));
  const words = `this machine is ${Math.abs(skewMs / 1_000).toFixed(1)} s ${skewMs < 0 ? 'behind' : 'ahead of'} ${url}`;
  const remedy = 'Set the clock, or switch on NTP: AWS refuses what is signed more than five minutes off.';
  if (Math.abs(skewMs) > MOST_SKEW_MS) return failed(words, remedy);
  return Math.abs(skewMs) > WORTH_TELLING_MS ? warning(words, remedy) : ok(words);
}
