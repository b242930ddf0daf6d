import type { Schema } from '../../../clients/generator/openapi.ts';

/** A schema that both OpenAPI 3.0 and draft 4 of JSON Schema read alike: that is what API Gateway makes its models of. */
export type Model = Readonly<Record<string, unknown>>;

/** Where a description asks for more than the gateway does, and what that is. */
export type Loosened = (at: string, what: string) => void;

/** Mean the same in JSON Schema 2020-12, in draft 4 and in OpenAPI 3.0. */
const SAME = new Set(
  '$ref type enum required pattern minLength maxLength minimum maximum minItems maxItems'.split(' '),
);
/** Ask for nothing: what is left out is filled in by the function. */
const NO_CONSTRAINT = new Set(['description', 'default']);
/** Draft 4 does not know the first; of the other nobody says what API Gateway takes for one. */
const LOOSENED = new Set(['propertyNames', 'format']);

/**
 * The same schema as a model. What draft 4 cannot say is left out and told: the function parses every request again, so the gateway
 * may be looser than it, and must never be stricter. A keyword that nobody has thought about yet fails.
 */
export function modelOf(schema: Schema, at: string, loosened: Loosened): Model {
  const members = Object.entries(schema).flatMap(([keyword, value]): [string, unknown][] => {
    if (NO_CONSTRAINT.has(keyword)) return [];
    if (LOOSENED.has(keyword)) {
      loosened(at, keyword);
      return [];
    }
    return [convert(keyword, value, at, loosened)];
  });
  return Object.fromEntries(members);
}

function convert(keyword: string, value: unknown, at: string, loosened: Loosened): [string, unknown] {
  const inside = (one: unknown, name: string): Model => modelOf(one as Schema, `${at}${name}`, loosened);
  switch (keyword) {
    case 'const':
      return ['enum', [value]];
    case 'items':
      return ['items', inside(value, '[]')];
    case 'additionalProperties':
      return ['additionalProperties', typeof value === 'boolean' ? value : inside(value, '.*')];
    case 'oneOf':
    case 'anyOf':
      return [keyword, (value as Schema[]).map((one, i) => inside(one, `|${i}`))];
    case 'properties': {
      const properties = Object.entries(value as object);
      return [
        'properties',
        Object.fromEntries(properties.map(([name, one]) => [name, inside(one, `.${name}`)])),
      ];
    }
    default:
      if (SAME.has(keyword) && !(keyword === 'type' && typeof value !== 'string')) return [keyword, value];
      throw new TypeError(`${at}: API Gateway has no word for ${keyword} ${JSON.stringify(value)}`);
  }
}
