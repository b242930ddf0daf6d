import type { ApiDocument } from '../../clients/generator/openapi.ts';

const SERVER = new URL('../../clients/generator/describe-server.ts', import.meta.url).href;

/**
 * The API's own description, as a server of this version answers it. Imported by a name that the type checker does not follow: the
 * server's sources are checked by options that CDK's types do not bear.
 */
export async function describeApi(): Promise<ApiDocument> {
  const { describeServer } = (await import(SERVER)) as { describeServer: () => Promise<ApiDocument> };
  return describeServer();
}
