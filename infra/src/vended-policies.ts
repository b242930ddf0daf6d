import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Where the roles are to be made. */
export interface Place {
  readonly account: string;
  readonly region: string;
}

/** What the stacks would make of a role: who may take it, and its policies, as IAM takes them. */
export interface VendedRole {
  readonly trust: object;
  readonly policies: readonly object[];
  /** ARNs of policies of AWS. */
  readonly managed: readonly string[];
}

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}
type Resources = Readonly<Record<string, Resource>>;

/**
 * The roles of templates that were made without `roles`, by their names: from the very statements that would have been deployed. Every
 * policy of the templates goes to a role: one that goes to none, or a right that a role has otherwise, is an error, and never left out.
 */
export function vendedRoles(
  templates: readonly { readonly Resources: Resources }[],
  place: Place,
): Record<string, VendedRole> {
  const all = templates.map(({ Resources }) => ({
    resources: Resources,
    resolved: resolverOf(Resources, place),
  }));
  const roles = new Map(all.flatMap(rolesOf));
  for (const [name, policy] of all.flatMap(policiesOf)) {
    const role = roles.get(name);
    if (role === undefined) throw new TypeError(`a policy is for ${name}, and no stack makes such a role`);
    role.policies.push(policy);
  }
  return Object.fromEntries(roles);
}

interface Readable {
  readonly resources: Resources;
  readonly resolved: (value: unknown) => unknown;
}

function rolesOf({ resources, resolved }: Readable): [string, VendedRole & { policies: object[] }][] {
  return ofType(resources, /^AWS::IAM::Role$/).map(([id, { Properties = {} }]) => {
    const { AssumeRolePolicyDocument: trust, ManagedPolicyArns: managed = [], ...others } = Properties;
    for (const other of ['Policies', 'PermissionsBoundary'])
      if (others[other] !== undefined)
        throw new TypeError(`${other} of the role ${id} would not be written out`);
    return [
      nameOf(resources, id),
      { trust: resolved(trust) as object, policies: [], managed: resolved(managed) as string[] },
    ];
  });
}

/** Of each policy, also of one that another stack adds, the names of the roles that it is for. */
function policiesOf({ resources, resolved }: Readable): [string, object][] {
  return ofType(resources, /^AWS::IAM::(\w*Policy)$/).flatMap(([id, { Properties = {} }]) => {
    const { Roles: roles, PolicyDocument: document } = Properties;
    if (!Array.isArray(roles) || roles.length === 0) throw new TypeError(`the policy ${id} is for no role`);
    return roles.map((role: string | { readonly Ref: string }): [string, object] => [
      typeof role === 'string' ? role : nameOf(resources, role.Ref),
      resolved(document) as object,
    ]);
  });
}

function ofType(resources: Resources, type: RegExp): [string, Resource][] {
  return Object.entries(resources).filter(([, { Type }]) => type.test(Type));
}

function nameOf(resources: Resources, id: string): string {
  const name = resources[id]?.Properties?.['RoleName'];
  if (typeof name === 'string') return name;
  throw new TypeError(`the role ${id} has no name that it could be vended by`);
}

/** Puts in what CloudFormation would: the place, and the ARNs of what has a name. */
function resolverOf(resources: Resources, { account, region }: Place): (value: unknown) => unknown {
  const partition = partitionOf(region);
  const pseudo: Record<string, string> = {
    'AWS::Partition': partition,
    'AWS::Region': region,
    'AWS::AccountId': account,
  };
  const arnOf = (id: string): string => {
    const { Type, Properties: { LogGroupName, QueueName } = {} } = resources[id]!;
    const arn = (service: string, tail: string): string =>
      `arn:${partition}:${service}:${region}:${account}:${tail}`;
    if (Type === 'AWS::Logs::LogGroup') return arn('logs', `log-group:${LogGroupName as string}:*`);
    if (Type === 'AWS::SQS::Queue') return arn('sqs', QueueName as string);
    throw new TypeError(`the ARN of ${id} (${Type}) is not known before it is deployed`);
  };
  const resolved = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolved);
    if (typeof value !== 'object' || value === null) return value;
    const { Ref: ref, 'Fn::Join': join, 'Fn::GetAtt': attribute } = value as Record<string, unknown>;
    if (typeof ref === 'string' && pseudo[ref] !== undefined) return pseudo[ref];
    if (Array.isArray(join)) return (resolved(join[1]) as string[]).join(join[0] as string);
    if (Array.isArray(attribute) && attribute[1] === 'Arn') return arnOf(attribute[0] as string);
    const entries = Object.entries(value);
    const strange = entries.find(([key]) => key === 'Ref' || key.startsWith('Fn::'));
    if (strange !== undefined)
      throw new TypeError(`${JSON.stringify(value)} is not known before it is deployed`);
    return Object.fromEntries(entries.map(([key, one]) => [key, resolved(one)]));
  };
  return resolved;
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** A folder for each role: `trust.json`, `policy-1.json` and on, and `managed.json` where policies of AWS belong to it. */
export function writeRoles(roles: Readonly<Record<string, VendedRole>>, folder: string): string[] {
  rmSync(folder, { recursive: true, force: true });
  return Object.entries(roles).flatMap(([name, { trust, policies, managed }]) => {
    const files: [string, object][] = [
      ['trust', trust],
      ...policies.map((policy, i): [string, object] => [`policy-${i + 1}`, policy]),
      ...(managed.length === 0 ? [] : [['managed', managed] satisfies [string, object]]),
    ];
    mkdirSync(path.join(folder, name), { recursive: true });
    return files.map(([file, content]) => {
      const at = path.join(folder, name, `${file}.json`);
      writeFileSync(at, `${JSON.stringify(content, null, 2)}\n`);
      return at;
    });
  });
}
