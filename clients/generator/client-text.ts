import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import type { ApiDocument, Content, Operation, Parameter, Schema } from './openapi.ts';
import { comment, typeText } from './type-text.ts';

/** Where the client is kept. */
export const CLIENT_FILE = join(import.meta.dirname, '../typescript/breakwater.ts');

const HEAD = `/**
 * The client of Breakwater's REST API: one method for each operation, and the shapes of what goes in and comes out.
 * Made of the server's /openapi.json by \`npm run client\`: do not edit.
 */
import { Transport, type Answer, type CallOptions } from './transport.ts';
`;

/** The client as TypeScript: interfaces for the named schemas, and a class with a method for each operation. */
export async function clientText(document: ApiDocument): Promise<string> {
  const shapes = Object.entries(document.components.schemas).map(([name, schema]) => shapeText(name, schema));
  const methods = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) =>
      methodText(method.toUpperCase(), path, operation),
    ),
  );
  const text = `${HEAD}
export class BreakwaterClient extends Transport {
${methods.join('\n')}}

${shapes.join('\n')}`;
  return format(text, { ...(await resolveConfig(CLIENT_FILE)), filepath: CLIENT_FILE });
}

function shapeText(name: string, schema: Schema): string {
  const declaration = schema.type === 'object' ? `interface ${name} ` : `type ${name} = `;
  return `${comment(schema.description)}export ${declaration}${typeText(schema)}\n`;
}

function methodText(method: string, path: string, operation: Operation): string {
  const { operationId, summary, description = '', parameters = [], requestBody } = operation;
  const given = [...parameters.map(parameterText), ...bodyText(requestBody)];
  const isOptional = given.every(({ isRequired }) => !isRequired);
  const argument = `given: { ${given.map(({ text }) => text).join('\n')} }${isOptional ? ' = {}' : ''}, `;
  const answer = answerText(operation);
  return `${comment(`${summary}.\n\n${description}`)}${operationId}(${given.length === 0 ? '' : argument}options?: CallOptions): Promise<Answer<${answer}>> {
    return this.call({ ${callText(method, path, operation).join(', ')} });
  }
`;
}

interface Given {
  readonly text: string;
  readonly isRequired: boolean;
}

/** Left out or `undefined` are the same, so that the `nextCursor` of a page can be given as it is. */
function parameterText({ name, description, schema, ...parameter }: Parameter): Given {
  const isRequired = parameter.required === true;
  const text = `${comment(description ?? schema.description)}${camelCase(name)}${isRequired ? '' : '?'}: ${typeText(schema)}${isRequired ? '' : ' | undefined'};`;
  return { text, isRequired };
}

function bodyText(body: Operation['requestBody']): Given[] {
  if (body === undefined) return [];
  const type = typeText(body.content['application/json']!.schema);
  const takesYaml = 'application/yaml' in body.content;
  const isRequired = body.required === true;
  const note = comment(takesYaml ? 'A text is sent as YAML.' : undefined);
  return [
    { text: `${note}body${isRequired ? '' : '?'}: ${type}${takesYaml ? ' | string' : ''};`, isRequired },
  ];
}

function callText(method: string, path: string, { parameters = [], requestBody }: Operation): string[] {
  const place = path.replaceAll(/\{(\w+)\}/g, '${encodeURIComponent(given.$1)}');
  const of = (where: Parameter['in']): string[] =>
    parameters
      .filter((parameter) => parameter.in === where)
      .map(({ name }) => `${name === camelCase(name) ? name : `'${name}'`}: given.${camelCase(name)}`);
  const [query, headers] = [of('query'), of('header')];
  return [
    `method: '${method}'`,
    place === path ? `path: '${path}'` : `path: \`${place}\``,
    ...(query.length === 0 ? [] : [`query: { ${query.join(', ')} }`]),
    ...(headers.length === 0 ? [] : [`headers: { ${headers.join(', ')} }`]),
    ...(requestBody === undefined ? [] : ['body: given.body']),
    'options',
  ];
}

/** What a success carries: JSON by its schema, any other media type as text, nothing as `undefined`. */
function answerText({ responses }: Operation): string {
  const types = Object.entries(responses)
    .filter(([status]) => status.startsWith('2'))
    .flatMap(([, { content }]) => contentTypes(content));
  return [...new Set(types)].join(' | ');
}

function contentTypes(content: Content = {}): string[] {
  const media = Object.entries(content);
  if (media.length === 0) return ['undefined'];
  return media.map(([type, { schema }]) => (type === 'application/json' ? typeText(schema) : 'string'));
}

/** `if-match` → `ifMatch` */
function camelCase(name: string): string {
  return name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
