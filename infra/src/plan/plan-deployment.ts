import type { DeploymentPlan } from '../../../src/cli/deployment-plan.ts';
import type { Settings } from '../settings.ts';
import { synthesize, type Template } from '../synthesize.ts';
import { planStack } from './changes.ts';
import type { ReadDeployed } from './read-deployed.ts';

/** Of the control account, in the order of deployment. The role of target accounts is deployed by others, and elsewhere. */
const STACKS = [
  'BreakwaterRecords',
  'BreakwaterWorkflow',
  'BreakwaterApi',
  'BreakwaterTriggers',
  'BreakwaterObservability',
] as const;

/** Holds the stacks that the settings ask for against those that are deployed. Changes nothing. */
export async function planDeployment(
  wanted: ReadonlyMap<string, Template>,
  region: string,
  readDeployed: ReadDeployed,
): Promise<DeploymentPlan> {
  const stacks: DeploymentPlan['stacks'][number][] = [];
  for (const stack of STACKS) {
    const deployed = await readDeployed(stack);
    const template = wanted.get(stack) ?? null;
    if (template !== null || deployed !== null) stacks.push(planStack(stack, deployed, template));
  }
  return { region, stacks };
}

/** The templates that the settings make, by stack. */
export async function templatesOf(settings: Settings): Promise<Map<string, Template>> {
  const stacks = await synthesize(settings);
  return new Map(stacks.map(({ stackName, template }) => [stackName, template]));
}
