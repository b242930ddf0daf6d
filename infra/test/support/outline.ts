import { stringify } from 'yaml';
import type { Json, JsonObject } from '../../../src/core/json.ts';
import type { Template } from './assembly.ts';

/** A template for people: what stands in it, with its references written out, and without what changes with every build. */
export function outlineOf({ Parameters = {}, Resources }: Template): string {
  const resources = Object.fromEntries(
    Object.entries(Resources).map(([id, { Type, Properties }]) => [
      `${Type} ${withoutHash(id)}`,
      Type === 'AWS::IAM::Policy' || Type === 'AWS::IAM::ManagedPolicy'
        ? statementsOf(Properties)
        : Type === 'AWS::ApiGateway::RestApi'
          ? {
              ...(flatten(Properties) as object),
              Body: methodsOf(Properties['Body'] as unknown as Description),
            }
          : flatten(Properties ?? {}),
    ]),
  );
  const own = Object.keys(Parameters).filter((name) => name !== 'BootstrapVersion');
  return stringify({ parameters: own, resources }, { lineWidth: 0, aliasDuplicateObjects: false });
}

interface Description {
  readonly paths: Record<string, Record<string, { security: object[]; requestBody?: object }>>;
}

/** `POST /executions: body, cognito`, one line a method. */
function methodsOf({ paths }: Description): string[] {
  return Object.entries(paths).flatMap(([at, methods]) =>
    Object.entries(methods).map(([method, { security, requestBody }]) => {
      const asked = security.flatMap((one) => Object.keys(one)).join(' and ') || 'public';
      return `${method.toUpperCase()} ${at}: ${requestBody === undefined ? '' : 'body, '}${asked}`;
    }),
  );
}

/** `Allow a, b on c if …`, one line a statement. */
function statementsOf({ PolicyDocument, Roles }: Record<string, Json>): Json {
  const { Statement } = PolicyDocument as { Statement: Record<string, Json>[] };
  const lines = Statement.map(({ Effect, Action, Resource, Condition }) => {
    const list = (value: Json | undefined): string => [flatten(value ?? null)].flat().map(textOf).join(', ');
    const condition = Condition === undefined ? '' : ` if ${JSON.stringify(flatten(Condition))}`;
    return `${Effect as string} ${list(Action)} on ${list(Resource)}${condition}`;
  });
  return { roles: flatten(Roles ?? null), statements: lines };
}

/** Writes references into the text around them. */
function flatten(value: Json): Json {
  if (Array.isArray(value)) return value.map(flatten);
  if (typeof value === 'string') return value.includes('"StartAt"') ? 'a file of src/workflow' : value;
  if (value === null || typeof value !== 'object') return value;
  const {
    Ref: ref,
    'Fn::GetAtt': attribute,
    'Fn::Join': join,
    'Fn::ImportValue': imported,
  } = value as JsonObject;
  if (typeof ref === 'string') return `<${withoutHash(ref)}>`;
  if (Array.isArray(attribute)) return `<${withoutHash(attribute[0] as string)}.${attribute[1] as string}>`;
  // A list that is given in: there is nothing to write out.
  if (Array.isArray(join) && !Array.isArray(join[1])) return flatten(join[1] ?? null);
  if (Array.isArray(join))
    return (join[1] as Json[]).map((part) => textOf(flatten(part))).join(join[0] as string);
  if (imported !== undefined) return `<import ${flatten(imported) as string}>`;
  const entries = Object.entries(value).filter(([name]) => name !== 'S3Key');
  return Object.fromEntries(entries.map(([name, member]) => [name, flatten(member)]));
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** CDK ends its ids in eight hexadecimal digits. */
function withoutHash(id: string): string {
  return id.replace(/[0-9A-F]{8}([0-9a-f]{32})?$/, '');
}
