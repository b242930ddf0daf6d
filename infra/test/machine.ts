import type { Json, Template } from './assembly.ts';

export interface Machine {
  /** As the template has it. */
  readonly definition: string;
  /** What stands for its names. */
  readonly names: Readonly<Record<string, string>>;
  /** As Step Functions gets it. */
  readonly substituted: string;
}

/** A state machine of the workflow's template. */
export function machineOf({ Resources }: Template, name: string): Machine {
  const { DefinitionString: definition, DefinitionSubstitutions } = Object.values(Resources).find(
    ({ Properties }) => Properties?.['StateMachineName'] === `breakwater-${name}`,
  )!.Properties as { DefinitionString: string; DefinitionSubstitutions: Record<string, Json> };
  const names = Object.entries(DefinitionSubstitutions).map(([key, value]): [string, string] => [
    key,
    textOf(value),
  ]);
  const substituted = names
    .filter(([key]) => definition.includes(`\${${key}}`))
    .reduce((text, [key, value]) => text.replaceAll(`\${${key}}`, value), definition);
  return { definition, names: Object.fromEntries(names), substituted };
}

/** As CloudFormation would write it. */
function textOf(value: Json): string {
  if (typeof value === 'string') return value;
  const { Ref: ref, 'Fn::Join': join } = value as Record<string, Json>;
  if (Array.isArray(join)) return (join[1] as Json[]).map(textOf).join(join[0] as string);
  const known: Record<string, string> = {
    'AWS::Partition': 'aws',
    'AWS::Region': 'eu-central-1',
    'AWS::AccountId': '111122223333',
  };
  return known[ref as string] ?? `https://sqs.eu-central-1.amazonaws.com/111122223333/${ref as string}`;
}
