import type { Json } from '#core/json.ts';

const PLACEHOLDER = /\$\{([A-Za-z0-9_.:-]+)\}/g;

/**
 * Replaces `${Name}` in every text of a definition, like CloudFormation's DefinitionSubstitutions. `report` gets each name
 * that has no value, with the path of keys to it.
 */
export function substituteNames(
  definition: unknown,
  values: Readonly<Record<string, string>>,
  report: (path: readonly PropertyKey[], name: string) => void,
  path: readonly PropertyKey[] = [],
): Json {
  if (typeof definition === 'string') {
    return definition.replace(PLACEHOLDER, (placeholder, name: string) => {
      const value = values[name];
      if (value === undefined) report(path, name);
      return value ?? placeholder;
    });
  }
  if (Array.isArray(definition)) {
    return definition.map((item, index) => substituteNames(item, values, report, [...path, index]));
  }
  if (typeof definition !== 'object' || definition === null) return definition as Json;
  return Object.fromEntries(
    Object.entries(definition).map(([key, value]) => [
      key,
      substituteNames(value, values, report, [...path, key]),
    ]),
  );
}
