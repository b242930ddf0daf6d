import type { Configuration } from '#control/configuration.ts';
import { z } from 'zod';
import { actorOf } from '../actor.ts';
import { defineRoute, type AnyRoute } from '../route.ts';
import { ExportShape, ImportShape } from '../shapes/configuration.ts';

const tag = 'Configuration';

/** All that is configured as one document, out and in. Settings have routes of their own. */
export function configurationRoutes(configuration: Configuration): AnyRoute[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/configuration/export',
      permission: 'configuration:read',
      operationId: 'exportConfiguration',
      alsoAnswers: ['application/yaml'],
      tag,
      summary: 'Plans, groups, accounts, schedules, triggers and settings as one document, without secrets',
      description: 'With `format=yaml` the answer is YAML.',
      query: z.strictObject({ format: z.enum(['json', 'yaml']).default('json') }),
      responses: { 200: ExportShape },
      handle: async ({ query }) => {
        if (query.format === 'json') return { status: 200, body: await configuration.export() };
        const headers = { 'content-type': 'application/yaml; charset=utf-8' };
        return { status: 200, headers, stream: once(await configuration.exportYaml()) };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/configuration/import',
      permission: 'configuration:write',
      operationId: 'importConfiguration',
      tag,
      summary: 'Puts a document of an export in place: all of it or nothing',
      description:
        'What the document does not name stays as it is. With `preview=true` nothing is written, and the answer is what would differ.',
      query: z.strictObject({ preview: z.enum(['true', 'false']).default('false') }),
      body: configuration.schema,
      alsoAccepts: ['application/yaml'],
      responses: { 200: ImportShape },
      handle: async (asked) => {
        const preview = asked.query.preview === 'true';
        return { status: 200, body: await configuration.import(asked.body, { preview }, actorOf(asked)) };
      },
    }),
  ];
}

async function* once(text: string): AsyncIterable<string> {
  yield text;
}
