import type { Schema, TypeName } from './openapi.ts';

/** What says nothing about a type, or stands in its own place. */
const UNTYPED = words(
  'description default title pattern format required propertyNames minimum maximum exclusiveMinimum exclusiveMaximum',
  'multipleOf minLength maxLength minItems maxItems uniqueItems',
);
const TYPED = words('$ref type enum const anyOf oneOf items properties additionalProperties');

/** A schema as a TypeScript type. Throws for what it does not know, because a type that is wrong is worse than none. */
export function typeText(schema: Schema): string {
  const unknown = Object.keys(schema).filter((key) => !TYPED.has(key) && !UNTYPED.has(key));
  if (unknown.length > 0) throw new TypeError(`schemas with ${unknown.join(', ')} have no type here`);
  if (schema.$ref !== undefined) return schema.$ref.replace('#/components/schemas/', '');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return choices.map(typeText).join(' | ');
  if (typeof schema.type === 'string') return simpleText(schema, schema.type);
  return (schema.type ?? []).map((type) => simpleText(schema, type)).join(' | ') || 'unknown';
}

function simpleText(schema: Schema, type: TypeName): string {
  switch (type) {
    case 'integer':
      return 'number';
    case 'array':
      return `(${typeText(schema.items ?? {})})[]`;
    case 'object':
      return objectText(schema);
    default:
      return type;
  }
}

function objectText({ properties = {}, required = [], additionalProperties = true }: Schema): string {
  const fields = Object.entries(properties).map(
    ([name, field]) =>
      `${comment(field.description)}${keyText(name)}${required.includes(name) ? '' : '?'}: ${typeText(field)};`,
  );
  if (additionalProperties === false) return `{ ${fields.join('\n')} }`;
  // Beside named fields the rest can be of any type: an index signature has to fit them all.
  const isOpen = fields.length > 0 || additionalProperties === true;
  const rest = isOpen ? 'unknown' : typeText(additionalProperties);
  return `{ ${[...fields, `[key: string]: ${rest};`].join('\n')} }`;
}

/** A doc comment on a line of its own; nothing for nothing. */
export function comment(text: string | undefined): string {
  if (text === undefined || text === '') return '';
  const lines = text.replaceAll('*/', '* /').split('\n');
  return lines.length === 1
    ? `/** ${lines[0]} */\n`
    : `/**\n${lines.map((line) => ` * ${line}`.trimEnd()).join('\n')}\n */\n`;
}

function keyText(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

function words(...lines: string[]): ReadonlySet<string> {
  return new Set(lines.join(' ').split(' '));
}
