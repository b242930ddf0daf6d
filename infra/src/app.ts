import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { ApiDocument } from '../../clients/generator/openapi.ts';
import type { Settings } from './settings.ts';
import { ApiStack } from './stacks/api.ts';
import { ObservabilityStack } from './stacks/observability.ts';
import { RecordsStack } from './stacks/records.ts';
import { TargetAccountStack } from './stacks/target-account.ts';
import { TriggersStack } from './stacks/triggers.ts';
import { WorkflowStack } from './stacks/workflow.ts';

interface AppParams {
  readonly settings: Settings;
  /** Where the assembly goes. */
  readonly outdir: string;
  /** Where `bundleFunctions` has put the functions. */
  readonly functions: string;
  /** The API's own description (`describeServer`). */
  readonly api: ApiDocument;
}

/** All stacks of a deployment, held against the rules of AWS Solutions. */
export function buildApp({ settings, outdir, functions, api }: AppParams): App {
  const app = new App({
    outdir,
    analyticsReporting: false,
    context: { 'aws:cdk:disable-asset-staging': false },
  });
  const env = {
    ...(settings.account !== undefined && { account: settings.account }),
    ...(settings.region !== undefined && { region: settings.region }),
  };
  const stacks = [
    ...(settings.standby ? [] : [new RecordsStack(app, 'BreakwaterRecords', { settings, env })]),
    new WorkflowStack(app, 'BreakwaterWorkflow', { settings, env, functions }),
    new ApiStack(app, 'BreakwaterApi', { settings, env, functions, api }),
    new TriggersStack(app, 'BreakwaterTriggers', { settings, env, functions }),
    new ObservabilityStack(app, 'BreakwaterObservability', { settings, env }),
  ];
  // Each names what those before have made.
  for (const [index, stack] of stacks.entries()) if (index > 0) stack.addStackDependency(stacks[index - 1]!);
  new TargetAccountStack(app, 'BreakwaterTargetAccount', { settings });
  holdAgainstRules(app);
  return app;
}

/** Lets `synth` throw what breaks a rule of AWS Solutions and has no reason to (`acknowledgeResources`). */
export function holdAgainstRules(app: App): void {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app, { verbose: true }));
}
