/** What an endpoint of AWS says to somebody without credentials: anything at all shows that it can be reached. */
export interface Probe {
  readonly url: string;
  readonly status: number;
  /** By its clock, ms since 1970, to the second; `null`: it does not say. */
  readonly date: number | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Services by the first part of their host name, with the variable that names another endpoint to the SDK. */
const VARIABLES = {
  sts: 'AWS_ENDPOINT_URL_STS',
  dynamodb: 'AWS_ENDPOINT_URL_DYNAMODB',
  states: 'AWS_ENDPOINT_URL_SFN',
  lambda: 'AWS_ENDPOINT_URL_LAMBDA',
  servicequotas: 'AWS_ENDPOINT_URL_SERVICE_QUOTAS',
  drs: 'AWS_ENDPOINT_URL_DRS',
} as const;
export type ProbedService = keyof typeof VARIABLES;
export const PROBED_SERVICES = Object.keys(VARIABLES) as readonly ProbedService[];

/** Where a service is, as the SDK finds it: by the environment, else by the Region. */
export function endpointOf(service: ProbedService, region: string, environment: Environment): string {
  const other = environment[VARIABLES[service]] || environment['AWS_ENDPOINT_URL'];
  if (other) return other;
  return `https://${service}.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/`;
}

/** Asks once, without a signature. Throws what the network says. */
export async function probeEndpoint(
  url: string,
  { fetch: fetchIt = fetch, signal }: { fetch?: typeof fetch; signal: AbortSignal },
): Promise<Probe> {
  const answer = await fetchIt(url, { signal, redirect: 'manual' });
  await answer.body?.cancel();
  const date = Date.parse(answer.headers.get('date') ?? '');
  return { url, status: answer.status, date: Number.isNaN(date) ? null : date };
}
