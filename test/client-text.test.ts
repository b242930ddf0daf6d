import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CLIENT_FILE, clientText } from '../clients/generator/client-text.ts';
import { describeServer } from '../clients/generator/describe-server.ts';
import type { Operation, Schema } from '../clients/generator/openapi.ts';
import { typeText } from '../clients/generator/type-text.ts';

test('the client that is kept is the one that the server’s description makes (npm run client)', async () => {
  expect(readFileSync(CLIENT_FILE, 'utf8')).toBe(await clientText(await describeServer()));
});

test('the client has no type that says nothing of what it holds', () => {
  expect(readFileSync(CLIENT_FILE, 'utf8')).not.toMatch(
    /\bany\b(?![^\n]*\*\/)(?! \w)|ts-nocheck|eslint|oxlint/,
  );
});

describe('a schema', () => {
  const flat = (schema: Schema): string => typeText(schema).replaceAll(/\s+/g, ' ');

  test.each<{ name: string; schema: Schema; type: string }>([
    { name: 'of nothing is unknown', schema: {}, type: 'unknown' },
    { name: 'with a name is that name', schema: { $ref: '#/components/schemas/Plan' }, type: 'Plan' },
    { name: 'of some words is their union', schema: { type: 'string', enum: ['a', 'b'] }, type: '"a" | "b"' },
    { name: 'of two types is their union', schema: { type: ['string', 'null'] }, type: 'string | null' },
    {
      name: 'of a list keeps unions within it',
      schema: { type: 'array', items: { enum: [1, 2] } },
      type: '(1 | 2)[]',
    },
    {
      name: 'of fields says which may be missing, and quotes names that need it',
      schema: {
        type: 'object',
        properties: { id: { type: 'string' }, 'a-b': { type: 'integer', description: 'of */ it' } },
        required: ['id'],
        additionalProperties: false,
      },
      type: '{ id: string; /** of * / it */ "a-b"?: number; }',
    },
    {
      name: 'of a record has its values’ type',
      schema: { type: 'object', additionalProperties: { type: 'boolean' } },
      type: '{ [key: string]: boolean; }',
    },
    {
      name: 'with more than its fields leaves the rest unknown',
      schema: {
        type: 'object',
        properties: { id: { type: 'string' } },
        additionalProperties: { type: 'number' },
      },
      type: '{ id?: string; [key: string]: unknown; }',
    },
  ])('$name', ({ schema, type }) => {
    expect(flat(schema)).toBe(type);
  });

  test('that the generator does not know is refused, not guessed', () => {
    expect(() => typeText({ not: {} } as Schema)).toThrow('schemas with not have no type here');
  });
});

test('an operation becomes a method: path, query, headers and body in one object', async () => {
  const operation: Operation = {
    operationId: 'putThing',
    summary: 'Puts a thing',
    description: 'Needs care.',
    parameters: [
      { name: 'thingId', in: 'path', required: true, schema: { type: 'string' } },
      { name: 'force', in: 'query', schema: { type: 'boolean' } },
      { name: 'if-match', in: 'header', required: true, schema: { type: 'string' } },
    ],
    requestBody: {
      content: {
        'application/json': { schema: { $ref: '#/components/schemas/Thing' } },
        'application/yaml': { schema: { $ref: '#/components/schemas/Thing' } },
      },
    },
    responses: { 204: {}, '4XX': { content: { 'application/problem+json': { schema: {} } } } },
  };
  const document = {
    paths: { '/things/{thingId}': { put: operation } },
    components: { schemas: { Thing: { type: 'string' } as const } },
  };
  const text = await clientText(document);
  expect(text.slice(text.indexOf('export class'))).toBe(`export class BreakwaterClient extends Transport {
  /**
   * Puts a thing.
   *
   * Needs care.
   */
  putThing(
    given: {
      thingId: string;
      force?: boolean | undefined;
      ifMatch: string;
      /** A text is sent as YAML. */
      body?: Thing | string;
    },
    options?: CallOptions,
  ): Promise<Answer<undefined>> {
    return this.call({
      method: 'PUT',
      path: \`/things/\${encodeURIComponent(given.thingId)}\`,
      query: { force: given.force },
      headers: { 'if-match': given.ifMatch },
      body: given.body,
      options,
    });
  }
}

export type Thing = string;
`);
});
