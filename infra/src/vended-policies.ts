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

/** The roles of templates that were made without `roles`, by their names: from the very statements that would have been deployed. */
export function vendedRoles(
  templates: readonly { readonly Resources: Resources }[],
  place: Place,
): Record<string, VendedRole> {
  return Object.fromEntries(templates.flatMap(({ Resources }) => rolesOf(Resources, place)));
}

function rolesOf(resources: Resources, place: Place): [string, VendedRole][] {
  const resolved = resolverOf(resources, place);
  const all = Object.entries(resources);
  return all
    .filter(([, { Type }]) => Type === 'AWS::IAM::Role')
    .map(([id, { Properties = {} }]): [string, VendedRole] => {
      const { RoleName: name, AssumeRolePolicyDocument: trust, ManagedPolicyArns: managed = [] } = Properties;
      if (typeof name !== 'string')
        throw new TypeError(`the role ${id} has no name that it could be vended by`);
      const attached = all.filter(
        ([, one]) => /^AWS::IAM::(Managed)?Policy$/.test(one.Type) && isOf(id, one.Properties?.['Roles']),
      );
      const policies = attached.map(([, one]) => resolved(one.Properties?.['PolicyDocument']) as object);
      return [name, { trust: resolved(trust) as object, policies, managed: resolved(managed) as string[] }];
    });
}

function isOf(id: string, roles: unknown): boolean {
  return Array.isArray(roles) && roles.some((role: { Ref?: string }) => role.Ref === id);
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
