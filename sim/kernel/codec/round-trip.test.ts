import { expect, test } from 'vitest';
import { MODELS } from './models.ts';
import type { ServiceModel } from './model.ts';
import { PROTOCOLS } from './protocols.ts';
import type { Member, StructureShape } from './shapes.ts';
import { sendTo } from './testing.ts';
import type { WireRequest, WireResponse } from './wire.ts';

/** What a client does to its input by itself, or cannot carry; found one by one, and no mistake of the codec. */
const EXCEPT: Record<string, readonly string[]> = {
  events: ['PutEvents'], // EndpointId goes into the host name and wants SigV4a; the service's own tests stand in
  lambda: [
    'InvokeAsync', // payload that has to be a stream
    'InvokeWithResponseStream', // event streams are not simulated
  ],
};

test.each([...MODELS.keys()].map((name) => ({ name })))(
  'every operation of $name carries input and output unchanged between the SDK client and the codec',
  async ({ name }) => {
    const model = MODELS.get(name)!;
    const misses: string[] = [];
    for (const operation of model.operationNames) {
      if (EXCEPT[name]?.includes(operation)) continue;
      const miss = await carry(model, operation);
      if (miss !== null) misses.push(`${operation}: ${miss}`);
    }
    expect(misses).toEqual([]);
  },
);

/** `null` if what was sent is what was read and what was answered is what came back. */
async function carry(model: ServiceModel, operationName: string): Promise<string | null> {
  const operation = model.operation(operationName)!;
  const input = operation.input === null ? {} : sample(operation.input);
  const output = operation.output === null ? {} : sample(operation.output, 'output');
  let seen: unknown;
  const answer = (request: WireRequest): WireResponse => {
    const protocol = PROTOCOLS[model.protocol];
    const route = protocol.route(model, request);
    if (route?.operation.name !== operationName) throw new Error(`routed to ${route?.operation.name}`);
    seen = protocol.read(route, request);
    return protocol.write(model, operation, output, 'request-1');
  };
  try {
    const { $metadata, ...result } = await sendTo(model, operationName, structuredClone(input), answer);
    void $metadata;
    const came = await collect(result);
    if (!equal(seen, input)) return `sent ${JSON.stringify(input)}, read ${JSON.stringify(seen)}`;
    if (!equal(came, output)) return `answered ${JSON.stringify(output)}, came ${JSON.stringify(came)}`;
    return null;
  } catch (error) {
    return `${(error as Error).name} ${(error as Error).message}`;
  }
}

/** A value with every member, down to a depth. Required members stay at every depth. */
function sample(
  shape: StructureShape,
  direction: 'input' | 'output' = 'input',
  depth = 0,
): Record<string, unknown> {
  const members = shape.members.filter(
    ({ required, shape: { kind } }) => required || depth < 3 || kind === 'string',
  );
  const isUnion = members.length > 1 && /Union|^(ResourceRecord)$/.test(shape.name);
  return Object.fromEntries(
    (isUnion ? members.slice(0, 1) : members).flatMap((member): [string, unknown][] => {
      if (depth > 12) return [];
      const value = sampleOf(member, direction, depth + 1);
      return value === undefined ? [] : [[member.name, value]];
    }),
  );
}

function sampleOf(member: Member, direction: 'input' | 'output', depth: number): unknown {
  const { shape, name } = member;
  switch (shape.kind) {
    case 'structure': {
      const value = sample(shape, direction, depth);
      return Object.keys(value).length === 0 && !member.required ? undefined : value;
    }
    case 'list': {
      const item = sampleOf(shape.item, direction, depth + 1);
      return item === undefined ? undefined : [item, item];
    }
    case 'map': {
      const value = sampleOf(shape.value, direction, depth + 1);
      return value === undefined ? undefined : { 'key-1': value };
    }
    default:
      return sampleScalar(shape.kind, name, member.merged.httpResponseCode !== undefined);
  }
}

function sampleScalar(kind: string, name: string, isStatus: boolean): unknown {
  switch (kind) {
    case 'number':
      return isStatus ? 202 : 7;
    case 'boolean':
      return true;
    case 'timestamp':
      return new Date('2026-03-01T10:00:00Z');
    case 'blob':
      return new Uint8Array([1, 2, 250]);
    case 'bigint':
      return 12n;
    case 'document':
      return { free: 'form' };
    default:
      return `${name} <&> "ü" 1`;
  }
}

/** Streams among the members of an output, as bytes. */
async function collect(output: Record<string, unknown>): Promise<Record<string, unknown>> {
  const entries = Object.entries(output).map(async ([name, value]) => {
    const stream = value as { transformToByteArray?: () => Promise<Uint8Array> } | undefined;
    const isStream = typeof stream?.transformToByteArray === 'function' && !(value instanceof Uint8Array);
    return [name, isStream ? await stream.transformToByteArray!() : value] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

function equal(left: unknown, right: unknown): boolean {
  return JSON.stringify(normalise(left)) === JSON.stringify(normalise(right));
}

function normalise(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return value.map(normalise);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, normalise(each)]),
  );
}
