import { createHash } from 'node:crypto';
import jsonata from 'jsonata';
import type { Json } from '#core/json.ts';
import { StateFailure } from './failure.ts';

/** What an expression can see: the reserved `$states`, the variables in scope, and the time. */
export interface Scope {
  readonly states: StatesVariable;
  /** Own and outer variables; outer ones are inherited along the prototype chain. */
  readonly variables: Readonly<Record<string, Json>>;
  readonly now: number;
}

export interface StatesVariable {
  readonly input: Json;
  readonly result?: Json;
  readonly errorOutput?: Json;
  /** A getter, because most expressions do not ask for it. */
  readonly context: Json;
}

/** A compiled expression. Answers at once when it can; a failure is a `StateFailure`, thrown or rejected. */
export type Evaluate = (scope: Scope) => Json | Promise<Json>;

/** What is wrong with an expression; `position` counts characters from its start. */
export interface ExpressionError {
  readonly message: string;
  readonly position: number;
}

const PATH = /^\s*\$([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*)*)\s*$/;
/** Not offered by Step Functions (`$eval`), or different on every call, which a journal cannot repeat. */
const REFUSED = /\$(eval|random|shuffle|uuid)\s*\(/;
const TIME = /\$(now|millis)\b/;

const cache = new Map<string, Evaluate>();

/** Compiles the text between `{%` and `%}`, once per text. Throws an `ExpressionError`. */
export function compileExpression(text: string): Evaluate {
  let evaluate = cache.get(text);
  if (evaluate === undefined) cache.set(text, (evaluate = compile(text)));
  return evaluate;
}

function compile(text: string): Evaluate {
  const refused = REFUSED.exec(text);
  if (refused) {
    throw { message: `$${refused[1]} is not supported`, position: refused.index } satisfies ExpressionError;
  }
  const full = compileJsonata(text);
  const path = PATH.exec(text);
  return path === null ? full : compilePath(path[1]!, path[2]!.split('.').slice(1), full);
}

/**
 * Plain paths such as `$states.input.id` are most of what machines evaluate, and the general evaluator costs some
 * microseconds and a dozen promises. Wherever JSONata's rules for arrays could matter, it decides after all.
 */
function compilePath(variable: string, names: readonly string[], full: Evaluate): Evaluate {
  return (scope) => {
    let value: unknown = variable === 'states' ? scope.states : scope.variables[variable];
    for (const name of names) {
      if (
        typeof value !== 'object' ||
        value === null ||
        Array.isArray(value) ||
        !Object.hasOwn(value, name)
      ) {
        return full(scope);
      }
      value = (value as Record<string, unknown>)[name];
    }
    if (value === undefined || Array.isArray(value) || value === scope.states) return full(scope);
    return value as Json;
  };
}

function compileJsonata(text: string): Evaluate {
  const expression = parse(text);
  const usesTime = TIME.test(text);
  return async (scope) => {
    const bindings: Record<string, unknown> = Object.create(scope.variables) as Record<string, unknown>;
    const all: Record<string, unknown> = {};
    for (const name in bindings) all[name] = bindings[name];
    all['states'] = scope.states;
    if (usesTime) Object.assign(all, timeFunctions(scope.now));
    let value: unknown;
    try {
      value = await expression.evaluate(undefined, all);
    } catch (error) {
      throw queryFailure(text, (error as { message?: string }).message ?? String(error));
    }
    if (value === undefined) throw queryFailure(text, 'returned nothing (undefined)');
    return toJson(text, value);
  };
}

function parse(text: string): jsonata.Expression {
  try {
    const expression = jsonata(text, { stack: 1000, sequence: 100_000 });
    registerStatesFunctions(expression);
    return expression;
  } catch (error) {
    const { message, position } = error as { message: string; position?: number };
    throw { message, position: position ?? 0 } satisfies ExpressionError;
  }
}

/** JSONata marks its sequences and can answer functions: only plain JSON may go on. */
function toJson(text: string, value: unknown): Json {
  const refuse = (): never => {
    throw queryFailure(text, 'returned a function, not JSON');
  };
  if (typeof value === 'function') return refuse();
  if (typeof value !== 'object' || value === null) return value as Json;
  const json = JSON.stringify(value, (_key, part: unknown) => (isFunction(part) ? refuse() : part));
  return JSON.parse(json) as Json;
}

function isFunction(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value === 'function';
  return '_jsonata_function' in value || '_jsonata_lambda' in value;
}

function queryFailure(text: string, reason: string): StateFailure {
  return new StateFailure(
    'States.QueryEvaluationError',
    `the JSONata expression '${text.trim()}': ${reason}`,
  );
}

const formatTime = jsonata('$fromMillis(time, picture, zone)');

/** `$now` and `$millis` read the clock port, not the machine's clock (invariant 6 of the engine). */
function timeFunctions(now: number): Record<string, unknown> {
  return {
    millis: () => now,
    now: (picture?: string, zone?: string) => formatTime.evaluate({ time: now, picture, zone }),
  };
}

/**
 * The functions that Step Functions adds to JSONata.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
function registerStatesFunctions(expression: jsonata.Expression): void {
  expression.registerFunction('parse', (text: string) => JSON.parse(text) as unknown, '<s:x>');
  expression.registerFunction('partition', partition, '<an:a>');
  expression.registerFunction('range', range, '<nnn:a>');
  expression.registerFunction('hash', hash, '<ss:s>');
}

function partition(items: readonly unknown[], size: number): unknown[][] {
  if (!(size >= 1)) throw new StateFailure('States.QueryEvaluationError', 'a part must have at least 1 item');
  const parts: unknown[][] = [];
  for (let start = 0; start < items.length; start += size) parts.push(items.slice(start, start + size));
  return parts;
}

function range(first: number, last: number, step: number): number[] {
  const count = step === 0 ? 0 : Math.min(Math.max(Math.floor((last - first) / step) + 1, 0), 1000);
  return Array.from({ length: count }, (_, index) => first + index * step);
}

function hash(text: string, algorithm: string): string {
  return createHash(algorithm.toLowerCase().replace('-', '')).update(text).digest('hex');
}
