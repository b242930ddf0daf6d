import type { Json, JsonObject } from '#core/json.ts';

/*
 * Reading records whose field names have changed over time: `ExecutionId` in early 2026, `executionId` since, `sourceServerID` where
 * they come from DRS as they are.
 */

/** The field of that name in any casing. */
export function fieldOf(object: JsonObject, name: string): Json | undefined {
  const exact = object[name];
  if (exact !== undefined) return exact;
  const wanted = name.toLowerCase();
  const key = Object.keys(object).find((one) => one.toLowerCase() === wanted);
  return key === undefined ? undefined : object[key];
}

/** The first of these fields that holds text, or a number as text; empty text is none. */
export function textField(object: JsonObject, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = fieldOf(object, name);
    const text = typeof value === 'number' ? String(value) : textOf(value);
    if (text !== undefined) return text;
  }
  return undefined;
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function objectOf(value: Json | undefined): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
}

/** The objects of a list; of the first of these fields that is one. */
export function listField(object: JsonObject, ...names: readonly string[]): JsonObject[] {
  for (const name of names) {
    const value = fieldOf(object, name);
    if (Array.isArray(value)) return (value as readonly Json[]).map(objectOf).filter((one) => one !== null);
  }
  return [];
}

/** A time as ISO 8601: from epoch seconds or milliseconds, as number or text, or from ISO text. `undefined`: none, or unreadable. */
export function timeField(object: JsonObject, name: string): string | undefined {
  const text = textField(object, name);
  if (text === undefined) return undefined;
  const number = Number(text);
  const ms = Number.isNaN(number) ? Date.parse(text) : number > 1e11 ? number : number * 1_000;
  return Number.isFinite(ms) && ms > 0 && ms < 8e15 ? new Date(ms).toISOString() : undefined;
}
