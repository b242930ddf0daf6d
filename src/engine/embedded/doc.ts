import type { Json } from '#core/json.ts';
import { StateFailure } from '../asl/failure.ts';
import { LIMIT_BYTES } from '../limits.ts';

/** A JSON value together with its text; each is made from the other at most once. Never changed. */
export class Doc {
  #json: string | undefined;
  #value: Json | undefined;

  private constructor(json: string | undefined, value: Json | undefined) {
    this.#json = json;
    this.#value = value;
  }

  static ofValue(value: Json): Doc {
    return new Doc(undefined, value);
  }

  static ofJson(json: string): Doc {
    return new Doc(json, undefined);
  }

  /** Takes what code outside the engine handed over: only its JSON counts, as it would between processes. */
  static ofForeign(value: unknown): Doc {
    return new Doc(stringify(value) ?? 'null', undefined);
  }

  static ofList(items: readonly Doc[]): Doc {
    return new Doc(
      `[${items.map((item) => item.json).join(',')}]`,
      items.map((item) => item.value),
    );
  }

  get json(): string {
    return (this.#json ??= JSON.stringify(this.#value));
  }

  get value(): Json {
    return (this.#value ??= JSON.parse(this.json) as Json);
  }

  /** A value of its own for code outside the engine, which may change it. */
  copy(): Json {
    return JSON.parse(this.json) as Json;
  }
}

/** `undefined` has no JSON, which the library's types do not say. */
const stringify: (value: unknown) => string | undefined = JSON.stringify;

/** The document among `known` that holds exactly this value, else a new one: keeps the text that exists already. */
export function docOf(value: Json, ...known: readonly Doc[]): Doc {
  return known.find((doc) => doc.value === value) ?? Doc.ofValue(value);
}

/** Answers `doc` if it is within the limit. Throws `States.DataLimitExceeded`. */
export function withinLimit(doc: Doc, what: string): Doc {
  const { json } = doc;
  if (json.length * 3 > LIMIT_BYTES && Buffer.byteLength(json) > LIMIT_BYTES) {
    const message = `${what} has ${Buffer.byteLength(json)} bytes; the limit is ${LIMIT_BYTES}`;
    throw new StateFailure('States.DataLimitExceeded', message);
  }
  return doc;
}
