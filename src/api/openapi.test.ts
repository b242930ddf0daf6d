import { expect, test } from 'vitest';
import { z } from 'zod';
import { createApp } from './app.ts';
import { defineRoute } from './route.ts';

const Same = z.object({ id: z.string() }).meta({ id: 'SentAlone' });
const Filled = z.strictObject({ size: z.int().default(1) }).meta({ id: 'Filled' });
z.object({ nobody: z.string() }).meta({ id: 'FilledByNobody' });

test('shapes are named once, and only what comes back with defaults filled in has a second name for what is sent', async () => {
  const route = defineRoute({
    method: 'POST',
    path: '/things',
    permission: 'public',
    operationId: 'putThing',
    tag: 'Things',
    summary: 'Puts a thing',
    body: z.strictObject({ alone: Same, filled: Filled }),
    responses: { 200: Filled },
    handle: async ({ body }) => ({ status: 200, body: body.filled }),
  });
  const authenticate = async () => ({ id: 'token:t', kind: 'token', name: 't', roles: [] }) as const;
  const app = await createApp({ routes: [route], authenticator: { authenticate }, onError: () => {} });
  const { components, paths } = app.swagger() as unknown as {
    components: { schemas: Record<string, { required?: string[] }> };
    paths: object;
  };
  expect(Object.keys(components.schemas).toSorted()).toEqual([
    'Filled',
    'FilledInput',
    'Finding',
    'Json',
    'Problem',
    'SentAlone',
  ]);
  expect([components.schemas['Filled']!.required, components.schemas['FilledInput']!.required]).toEqual([
    ['size'],
    undefined,
  ]);
  expect(JSON.stringify(paths)).toContain('"alone":{"$ref":"#/components/schemas/SentAlone"}');
});
