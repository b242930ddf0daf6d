import type { Json, JsonObject } from '#core/json.ts';

interface Resource {
  readonly Type: string;
  readonly Properties?: JsonObject;
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
}

/** What CloudFormation knows when it creates the stack: pseudo-parameters, and what the resources are called once they are there. */
export interface Known {
  readonly region: string;
  readonly account: string;
  /** `Ref` of a resource, where it is not its name; by logical id. */
  readonly refs: Readonly<Record<string, string>>;
}

/** All resources of a type, with their intrinsics resolved as CloudFormation would. */
export function resourcesOf(template: Template, type: string, known: Known): Record<string, JsonObject> {
  const found = Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
  return Object.fromEntries(
    found.map(([id, { Properties = {} }]) => [id, resolve(Properties, template, known) as JsonObject]),
  );
}

/** Throws for an intrinsic that it does not know: nothing is guessed. */
function resolve(value: Json, template: Template, known: Known): Json {
  if (Array.isArray(value)) return value.map((each) => resolve(each, template, known));
  if (value === null || typeof value !== 'object') return value;
  const [[name, argument] = ['', null], ...more] = Object.entries(value as JsonObject);
  if (more.length === 0 && name === 'Ref') return refOf(argument as string, template, known);
  if (more.length === 0 && name.startsWith('Fn::')) return call(name, argument, template, known);
  return Object.fromEntries(
    Object.entries(value as JsonObject).map(([key, each]) => [key, resolve(each, template, known)]),
  );
}

function call(name: string, argument: Json, template: Template, known: Known): Json {
  if (name === 'Fn::Join') {
    const [separator, parts] = resolve(argument, template, known) as [string, string[]];
    return parts.join(separator);
  }
  if (name === 'Fn::Sub' && typeof argument === 'string')
    return argument.replaceAll(/\$\{([\w:]+)\}/g, (_, of: string) => refOf(of, template, known));
  // Nothing that is read here needs more of another resource than to be told apart.
  if (name === 'Fn::GetAtt') return (argument as string[]).join('.');
  throw new TypeError(`the template has ${name}: ${JSON.stringify(argument)}`);
}

function refOf(name: string, template: Template, known: Known): string {
  const pseudo: Record<string, string> = {
    'AWS::Partition': 'aws',
    'AWS::Region': known.region,
    'AWS::AccountId': known.account,
    'AWS::URLSuffix': 'amazonaws.com',
  };
  const found = pseudo[name] ?? known.refs[name];
  if (found !== undefined) return found;
  const { Type, Properties = {} } = template.Resources[name] ?? { Type: 'nothing' };
  const named = Properties[`${Type.split('::').at(-1)}Name`];
  // What has no name of its own gets one that begins with its logical id.
  return typeof named === 'string' ? named : name;
}
