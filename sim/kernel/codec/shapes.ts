/**
 * The schemas that the SDK clients export, made fit for a server. A schema is a tuple
 * `[kind, namespace, name, traits, …]`; kinds: 0 simple, 1 list, 2 map, 3 structure, 4 union, -3 error, 9 operation.
 * A reference is a tuple, a function that answers it, a pair `[reference, traits]`, or a number: a simple type, plus 64
 * for a list or 128 for a map of it. The format is internal to the SDK: versions are pinned, and a test takes a census.
 */
export type Tuple = readonly unknown[];

export interface Traits {
  readonly xmlName?: string;
  readonly xmlFlattened?: unknown;
  readonly xmlAttribute?: unknown;
  readonly xmlNamespace?: readonly string[];
  readonly ec2QueryName?: string;
  readonly http?: readonly [method: string, path: string, status: number];
  readonly httpLabel?: unknown;
  readonly httpQuery?: string;
  readonly httpQueryParams?: unknown;
  readonly httpHeader?: string;
  readonly httpPrefixHeaders?: string;
  readonly httpPayload?: unknown;
  readonly httpResponseCode?: unknown;
  readonly httpError?: number;
  readonly error?: 'client' | 'server';
  readonly awsQueryError?: readonly [code: string, status: number];
}

export type SimpleKind = 'string' | 'number' | 'boolean' | 'timestamp' | 'document' | 'bigint' | 'blob';
export type TimestampFormat = 'date-time' | 'http-date' | 'epoch';

export interface SimpleShape {
  readonly kind: SimpleKind;
  /** Of timestamps, where it differs from the protocol's own. */
  readonly format?: TimestampFormat;
}

export interface ListShape {
  readonly kind: 'list';
  readonly item: Member;
}

export interface MapShape {
  readonly kind: 'map';
  readonly key: Member;
  readonly value: Member;
}

export interface StructureShape {
  readonly kind: 'structure';
  readonly name: string;
  readonly traits: Traits;
  readonly members: readonly Member[];
  readonly byName: ReadonlyMap<string, Member>;
}

export type Shape = SimpleShape | ListShape | MapShape | StructureShape;

/** A member of a structure, an item of a list, or a key or value of a map. */
export class Member {
  readonly name: string;
  readonly required: boolean;
  /** The traits of the place alone; `merged` has those of the shape below them. */
  readonly traits: Traits;
  readonly #reference: unknown;
  #shape: Shape | undefined;
  #merged: Traits | undefined;

  constructor(name: string, reference: unknown, required = false) {
    this.name = name;
    this.required = required;
    const [target, traits] = splitReference(reference);
    this.#reference = target;
    this.traits = traits;
  }

  get shape(): Shape {
    return (this.#shape ??= shapeOf(this.#reference));
  }

  get merged(): Traits {
    return (this.#merged ??= { ...traitsOfTarget(this.#reference), ...this.traits });
  }
}

const compiled = new WeakMap<Tuple, Shape>();

/** The shape of a reference. Shapes are made once per tuple. */
export function shapeOf(reference: unknown): Shape {
  const target = dereference(splitReference(reference)[0]);
  if (typeof target === 'number') return shapeOfNumber(target);
  const tuple = target as Tuple;
  let shape = compiled.get(tuple);
  if (shape === undefined) compiled.set(tuple, (shape = compile(tuple)));
  return shape;
}

/** The structure of a reference, or `null` for an operation without input or output. */
export function structureOf(reference: unknown): StructureShape | null {
  if (dereference(reference) === 'unit') return null;
  const shape = shapeOf(reference);
  if (shape.kind !== 'structure') throw new TypeError('expected a structure');
  return shape;
}

const TRAIT_BITS = [
  'httpLabel',
  'idempotent',
  'idempotencyToken',
  'sensitive',
  'httpPayload',
  'httpResponseCode',
  'httpQueryParams',
];

/** Traits come as an object, or as a number with one bit for each of the commonest. */
export function readTraits(traits: unknown): Traits {
  if (typeof traits !== 'number') return traits ?? {};
  return Object.fromEntries(TRAIT_BITS.filter((_, bit) => traits & (1 << bit)).map((name) => [name, 1]));
}

function compile(tuple: Tuple): Shape {
  const [kind, , name, traits, first, second, requiredCount] = tuple;
  switch (kind) {
    case 0:
      return shapeOf(first);
    case 1:
      return { kind: 'list', item: new Member('member', first) };
    case 2:
      return { kind: 'map', key: new Member('key', first), value: new Member('value', second) };
    case 3:
    case 4:
    case -3: {
      const references = second as readonly unknown[];
      const required = (requiredCount as number | undefined) ?? 0;
      const members = (first as readonly string[]).map(
        (each, index) => new Member(each, references[index], index < required),
      );
      const byName = new Map(members.map((member) => [member.name, member]));
      return { kind: 'structure', name: name as string, traits: readTraits(traits), members, byName };
    }
    default:
      throw new TypeError(`schema ${String(name)} has the unknown kind ${String(kind)}`);
  }
}

const SIMPLE: Readonly<Record<number, SimpleShape>> = {
  0: { kind: 'string' },
  1: { kind: 'number' },
  2: { kind: 'boolean' },
  4: { kind: 'timestamp' },
  5: { kind: 'timestamp', format: 'date-time' },
  6: { kind: 'timestamp', format: 'http-date' },
  7: { kind: 'timestamp', format: 'epoch' },
  15: { kind: 'document' },
  17: { kind: 'bigint' },
  21: { kind: 'blob' },
  42: { kind: 'blob' },
};

const LIST = 64;
const MAP = 128;
const numbered = new Map<number, Shape>();

function shapeOfNumber(number: number): Shape {
  let shape: Shape | undefined = SIMPLE[number] ?? numbered.get(number);
  if (shape === undefined) {
    const inner = number & (LIST - 1);
    if (SIMPLE[inner] === undefined) throw new TypeError(`unknown simple schema ${number}`);
    shape =
      number & MAP
        ? { kind: 'map', key: new Member('key', 0), value: new Member('value', inner) }
        : { kind: 'list', item: new Member('member', inner) };
    numbered.set(number, shape);
  }
  return shape;
}

function dereference(reference: unknown): unknown {
  return typeof reference === 'function' ? (reference as () => unknown)() : reference;
}

/** `[reference, traits]` is a pair; every other tuple is longer and starts with a number and a namespace. */
function splitReference(reference: unknown): [target: unknown, traits: Traits] {
  const direct = dereference(reference);
  if (Array.isArray(direct) && direct.length === 2) return [direct[0], readTraits(direct[1])];
  return [reference, {}];
}

function traitsOfTarget(reference: unknown): Traits {
  const target = dereference(reference);
  return Array.isArray(target) ? readTraits(target[3]) : {};
}
