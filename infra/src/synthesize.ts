import type { CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';
import { buildApp } from './app.ts';
import { bundleFunctions } from './bundle.ts';
import { describeApi } from './describe.ts';
import type { Settings } from './settings.ts';

/** Bundles the functions into one folder, and writes the stacks that the settings ask for into another. */
export async function synthesize(
  settings: Settings,
  { functions, outdir }: { readonly functions: string; readonly outdir: string },
): Promise<readonly CloudFormationStackArtifact[]> {
  await bundleFunctions(functions);
  return buildApp({ settings, outdir, functions, api: await describeApi() }).synth().stacks;
}
