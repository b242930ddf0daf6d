import type { SimpleShape, TimestampFormat } from './shapes.ts';

/** An input that the schema refuses: the sender's fault. `member` names the place. */
export class InputError extends Error {
  readonly reason: 'missing' | 'type';
  readonly member: string;

  constructor(reason: 'missing' | 'type', member: string, message: string) {
    super(message);
    this.reason = reason;
    this.member = member;
  }
}

/** An output that the schema refuses: a mistake in a simulated service. */
export class OutputError extends TypeError {}

/** Reads a value from the text of a form field, an XML element, a header, a label or a query parameter. */
export function readText(shape: SimpleShape, text: string, member: string, format: TimestampFormat): unknown {
  switch (shape.kind) {
    case 'string':
    case 'document':
      return text;
    case 'number': {
      const number = Number(text);
      if (text === '' || Number.isNaN(number)) throw wrongType(member, 'a number', text);
      return number;
    }
    case 'boolean':
      if (text === 'true') return true;
      if (text === 'false') return false;
      throw wrongType(member, 'true or false', text);
    case 'bigint':
      return BigInt(text);
    case 'timestamp':
      return readTimestamp(shape.format ?? format, text, member);
    case 'blob':
      return Buffer.from(text, 'base64');
  }
}

/** Writes a value as text. Throws `OutputError` if it is not of the shape. */
export function writeText(
  shape: SimpleShape,
  value: unknown,
  member: string,
  format: TimestampFormat,
): string {
  switch (shape.kind) {
    case 'string':
      if (typeof value === 'string') return value;
      break;
    case 'number':
      if (typeof value === 'number') return String(value);
      break;
    case 'boolean':
      if (typeof value === 'boolean') return value ? 'true' : 'false';
      break;
    case 'bigint':
      if (typeof value === 'bigint' || typeof value === 'number') return String(value);
      break;
    case 'timestamp':
      if (value instanceof Date) return writeTimestamp(shape.format ?? format, value);
      break;
    case 'blob':
      if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
      break;
    case 'document':
      return JSON.stringify(value);
  }
  throw wrongOutput(member, shape.kind, value);
}

export function readTimestamp(format: TimestampFormat, text: string, member: string): Date {
  const date = new Date(format === 'epoch' ? Number(text) * 1_000 : text);
  if (Number.isNaN(date.getTime())) throw wrongType(member, `a timestamp (${format})`, text);
  return date;
}

export function writeTimestamp(format: TimestampFormat, date: Date): string {
  if (format === 'epoch') return String(date.getTime() / 1_000);
  return format === 'http-date' ? date.toUTCString() : date.toISOString();
}

export function wrongType(member: string, expected: string, value: unknown): InputError {
  return new InputError(
    'type',
    member,
    `expected ${expected} for ${member}, but it is ${JSON.stringify(value)}`,
  );
}

export function missing(member: string): InputError {
  return new InputError('missing', member, `${member} is missing`);
}

export function wrongOutput(member: string, expected: string, value: unknown): OutputError {
  return new OutputError(`output member ${member} has to be ${expected}, but it is ${describe(value)}`);
}

function describe(value: unknown): string {
  return value !== null && typeof value === 'object'
    ? (value.constructor?.name ?? 'an object')
    : (JSON.stringify(value) ?? typeof value);
}
