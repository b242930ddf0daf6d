import { missing, OutputError, readTimestamp, wrongOutput, wrongType } from './scalars.ts';
import type { Member, Shape, SimpleShape, StructureShape } from './shapes.ts';

/** Reads a parsed JSON value as a structure. Members that the shape does not have are passed over, as AWS does. */
export function readJsonStructure(shape: StructureShape, value: unknown): Record<string, unknown> {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw wrongType(shape.name, 'an object', value);
  return readMembers(shape.members, value as Record<string, unknown>);
}

/** Reads some members of a structure; the others may have come another way (labels, headers). */
export function readMembers(
  members: readonly Member[],
  given: Record<string, unknown>,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const member of members) {
    const value = given[member.name];
    if (value !== undefined && value !== null)
      result[member.name] = readJson(member.shape, value, member.name);
    else if (member.required) throw missing(member.name);
  }
  return result;
}

function readJson(shape: Shape, value: unknown, name: string): unknown {
  switch (shape.kind) {
    case 'structure':
      return readJsonStructure(shape, value);
    case 'list': {
      if (!Array.isArray(value)) throw wrongType(name, 'a list', value);
      const { shape: item } = shape.item;
      return value.map((each) => (each === null ? null : readJson(item, each, name)));
    }
    case 'map': {
      if (value === null || typeof value !== 'object' || Array.isArray(value))
        throw wrongType(name, 'an object', value);
      const { shape: item } = shape.value;
      const entries = Object.entries(value).filter(([, each]) => each !== null);
      return Object.fromEntries(entries.map(([key, each]) => [key, readJson(item, each, name)]));
    }
    default:
      return readJsonScalar(shape, value, name);
  }
}

function readJsonScalar(shape: SimpleShape, value: unknown, name: string): unknown {
  switch (shape.kind) {
    case 'document':
      return value;
    case 'timestamp':
      return readTimestamp(
        shape.format ?? (typeof value === 'number' ? 'epoch' : 'date-time'),
        String(value),
        name,
      );
    case 'blob':
      if (typeof value !== 'string') throw wrongType(name, 'base64', value);
      return Buffer.from(value, 'base64');
    case 'bigint':
      return BigInt(value as number);
    default:
      if (typeof value !== shape.kind) throw wrongType(name, `a ${shape.kind}`, value);
      return value;
  }
}

/** Makes the JSON value of a structure. Throws `OutputError` for members that the shape does not have. */
export function writeJsonStructure(shape: StructureShape, value: unknown): Record<string, unknown> {
  if (value === null || typeof value !== 'object') throw wrongOutput(shape.name, 'an object', value);
  const result: Record<string, unknown> = {};
  for (const name in value) {
    const each = (value as Record<string, unknown>)[name];
    if (each === undefined || each === null) continue;
    const member = shape.byName.get(name);
    if (member === undefined) throw new OutputError(`${shape.name} has no member ${name}`);
    result[name] = writeJson(member.shape, each, name);
  }
  return result;
}

function writeJson(shape: Shape, value: unknown, name: string): unknown {
  switch (shape.kind) {
    case 'structure':
      return writeJsonStructure(shape, value);
    case 'list': {
      if (!Array.isArray(value)) throw wrongOutput(name, 'a list', value);
      const { shape: item } = shape.item;
      return value.map((each) => writeJson(item, each, name));
    }
    case 'map': {
      if (typeof value !== 'object') throw wrongOutput(name, 'an object', value);
      const { shape: item } = shape.value;
      const entries = Object.entries(value as object).filter(
        ([, each]) => each !== undefined && each !== null,
      );
      return Object.fromEntries(entries.map(([key, each]) => [key, writeJson(item, each, name)]));
    }
    default:
      return writeJsonScalar(shape, value, name);
  }
}

function writeJsonScalar(shape: SimpleShape, value: unknown, name: string): unknown {
  switch (shape.kind) {
    case 'document':
      return value;
    case 'timestamp':
      if (!(value instanceof Date)) throw wrongOutput(name, 'a Date', value);
      if (shape.format === 'date-time') return value.toISOString();
      return shape.format === 'http-date' ? value.toUTCString() : value.getTime() / 1_000;
    case 'blob':
      if (!(value instanceof Uint8Array)) throw wrongOutput(name, 'a Uint8Array', value);
      return Buffer.from(value).toString('base64');
    case 'bigint':
      return Number(value);
    default:
      if (typeof value !== shape.kind) throw wrongOutput(name, `a ${shape.kind}`, value);
      return value;
  }
}
