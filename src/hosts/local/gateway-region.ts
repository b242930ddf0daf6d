/** The Region in a host name of API Gateway; `null` for any other name. */
export function gatewayRegion(url: string): string | null {
  const { hostname } = new URL(url);
  return /\.execute-api\.([a-z0-9-]+)\.(?:vpce\.)?amazonaws\.com(?:\.cn)?$/.exec(hostname)?.[1] ?? null;
}
