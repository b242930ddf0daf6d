import { resourcesOf } from '../../../test/cloud/support/template.ts';
import type { Template } from './assembly.ts';

export interface Machine {
  /** As the template has it. */
  readonly definition: string;
  /** What stands for its names. */
  readonly names: Readonly<Record<string, string>>;
  /** As Step Functions gets it. */
  readonly substituted: string;
}

const KNOWN = { region: 'eu-central-1', account: '111122223333', refs: {} };

/** A state machine of the workflow's template. */
export function machineOf(template: Template, name: string): Machine {
  const machines = Object.values(resourcesOf(template, 'AWS::StepFunctions::StateMachine', KNOWN));
  const found = machines.find(({ StateMachineName }) => StateMachineName === `breakwater-${name}`)!;
  const definition = found['DefinitionString'] as string;
  const names = found['DefinitionSubstitutions'] as Record<string, string>;
  const substituted = definition.replaceAll(/\$\{(\w+)\}/g, (whole, key: string) => names[key] ?? whole);
  return { definition, names, substituted };
}
