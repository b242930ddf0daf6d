import type { Json } from '#core/json.ts';
import { compileExpression, type ExpressionError, type Scope } from './expression.ts';

/** A field of a definition: a constant, an expression, or an object or array with expressions inside. */
export interface Template {
  /** Present when no expression is inside. */
  readonly constant?: Json;
  evaluate(scope: Scope): Json | Promise<Json>;
}

/** Compiles a field's value. `report` gets the path inside the field and what is wrong with the expression there. */
export function compileTemplate(
  definition: Json,
  report: (path: string, error: ExpressionError) => void,
  path = '',
): Template {
  if (typeof definition === 'string') return compileText(definition, report, path);
  if (typeof definition !== 'object' || definition === null) return constantTemplate(definition);
  const entries = Object.entries(definition).map(([key, value]): Entry => {
    return [
      key,
      compileTemplate(value, report, Array.isArray(definition) ? `${path}[${key}]` : `${path}.${key}`),
    ];
  });
  if (entries.every(([, template]) => template.constant !== undefined)) return constantTemplate(definition);
  const isArray = Array.isArray(definition);
  return { evaluate: (scope) => evaluateEntries(entries, isArray, scope) };
}

type Entry = readonly [string, Template];

function compileText(
  text: string,
  report: (path: string, error: ExpressionError) => void,
  path: string,
): Template {
  if (!text.startsWith('{%') || !text.endsWith('%}')) return constantTemplate(text);
  try {
    return { evaluate: compileExpression(text.slice(2, -2)) };
  } catch (error) {
    report(path, error as ExpressionError);
    return constantTemplate(null);
  }
}

function constantTemplate(constant: Json): Template {
  return { constant, evaluate: () => constant };
}

function evaluateEntries(entries: readonly Entry[], isArray: boolean, scope: Scope): Json | Promise<Json> {
  const built: Record<string, Json> = {};
  let pending: Promise<void>[] | null = null;
  for (const [key, template] of entries) {
    const value = template.evaluate(scope);
    built[key] = null;
    if (value instanceof Promise) {
      (pending ??= []).push(
        value.then((late) => {
          built[key] = late;
        }),
      );
    } else built[key] = value;
  }
  const finish = (): Json => (isArray ? Object.values(built) : built);
  return pending === null ? finish() : Promise.all(pending).then(finish);
}
