import { readTraits, shapeOf, structureOf, type StructureShape, type Traits, type Tuple } from './shapes.ts';

export type ProtocolName = 'awsJson1_0' | 'awsJson1_1' | 'awsQuery' | 'ec2Query' | 'restXml' | 'restJson1';

/** Where a service is found on the wire, and the schemas it speaks by. */
export interface ModelSource {
  /** Name of the simulated service. */
  readonly name: string;
  /** Service in the credential scope of signatures. */
  readonly signingName: string;
  readonly protocol: ProtocolName;
  /** Prefix of `X-Amz-Target` (awsJson). */
  readonly target?: string;
  /** Namespace of answers (XML). */
  readonly xmlNamespace?: string;
  /** The exports of an SDK client: operations and errors are the schemas `<Name>$`. */
  readonly schemas: object;
}

export interface OperationModel {
  readonly name: string;
  readonly traits: Traits;
  readonly input: StructureShape | null;
  readonly output: StructureShape | null;
}

export interface ErrorModel {
  /** What stands on the wire: for `DBInstanceNotFoundFault` it is `DBInstanceNotFound`. */
  readonly wireCode: string;
  readonly status: number;
  readonly shape: StructureShape;
}

export interface ServiceModel extends Omit<ModelSource, 'schemas'> {
  readonly operationNames: readonly string[];
  operation(name: string): OperationModel | undefined;
  /** By the name of the shape. */
  error(code: string): ErrorModel | undefined;
}

const OPERATION = 9;
const ERROR = -3;

/** Operations are compiled when they are first used: EC2 has more than 700. */
export function createModel({ schemas, ...source }: ModelSource): ServiceModel {
  const operations = new Map<string, Tuple>();
  const errors = new Map<string, Tuple>();
  for (const [name, tuple] of Object.entries(schemas)) {
    if (!name.endsWith('$') || !Array.isArray(tuple)) continue;
    if (tuple[0] === OPERATION) operations.set(tuple[2] as string, tuple);
    if (tuple[0] === ERROR) errors.set(tuple[2] as string, tuple);
  }
  return {
    ...source,
    operationNames: [...operations.keys()],
    operation: remember(operations, operationOf),
    error: remember(errors, (tuple) => errorOf(tuple, source.protocol)),
  };
}

function operationOf([, , name, traits, input, output]: Tuple): OperationModel {
  return {
    name: name as string,
    traits: readTraits(traits),
    input: structureOf(input),
    output: structureOf(output),
  };
}

/** awsJson knows the statuses 400 and 500 alone, and the names of shapes, whatever the other traits say. */
function errorOf(tuple: Tuple, protocol: ProtocolName): ErrorModel {
  const shape = shapeOf(tuple) as StructureShape;
  const { awsQueryError, httpError, error } = shape.traits;
  const status = error === 'server' ? 500 : 400;
  if (protocol === 'awsJson1_0' || protocol === 'awsJson1_1') return { shape, wireCode: shape.name, status };
  return {
    shape,
    wireCode: awsQueryError?.[0] ?? shape.name,
    status: awsQueryError?.[1] ?? httpError ?? status,
  };
}

function remember<T>(
  tuples: ReadonlyMap<string, Tuple>,
  make: (tuple: Tuple) => T,
): (name: string) => T | undefined {
  const made = new Map<string, T>();
  return (name) => {
    const known = made.get(name);
    const tuple = tuples.get(name);
    if (known !== undefined || tuple === undefined) return known;
    const value = make(tuple);
    made.set(name, value);
    return value;
  };
}
