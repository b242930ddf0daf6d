import reference from '@scalar/fastify-api-reference';
import type { FastifyInstance } from 'fastify';

/** The page starts by a script within it, and asks this server alone. */
const CSP =
  "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; " +
  "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

/** `/docs`: the description of the API as a page for people. It brings megabytes of script along, so a host says if it wants it. */
export async function referencePage(app: FastifyInstance): Promise<void> {
  app.addHook('onSend', async (_request, reply, payload) => {
    reply.header('content-security-policy', CSP);
    return payload;
  });
  await app.register(reference, {
    routePrefix: '/docs',
    configuration: {
      url: '/openapi.json',
      title: 'Breakwater API',
      withDefaultFonts: false,
      telemetry: false,
    },
  });
}
