import type { ModelSource } from './model.ts';
import schemas from './drs-schemas.json' with { type: 'json' };

type Reference = unknown;

/**
 * The SDK client for DRS exports no schemas, so they are kept here in the same form, made from the service description
 * in the SDK for JavaScript v2 (Apache-2.0); errors and their statuses are added from the API reference. A reference to
 * another shape is written `"@Name"`.
 */
export function drsModelSource(): ModelSource {
  const shapes: Record<string, unknown> = {};
  const link = (part: Reference): Reference => {
    if (typeof part === 'string' && part.startsWith('@')) return () => shapes[part.slice(1)];
    return Array.isArray(part) ? part.map(link) : part;
  };
  const linkAll = (tuples: Record<string, unknown>): [string, unknown][] =>
    Object.entries(tuples).map(([name, tuple]) => [name, link(tuple)]);
  Object.assign(shapes, Object.fromEntries(linkAll(schemas.shapes)));
  const exported = [...linkAll(schemas.operations), ...linkAll(schemas.errors)];
  return {
    name: 'drs',
    signingName: 'drs',
    protocol: 'restJson1',
    schemas: Object.fromEntries(exported.map(([name, tuple]) => [`${name}$`, tuple])),
  };
}
