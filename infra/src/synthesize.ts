import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildApp } from './app.ts';
import { bundleFunctions } from './bundle.ts';
import { describeApi } from './describe.ts';
import type { Settings } from './settings.ts';

export type Template = Readonly<Record<string, unknown>>;

interface Synthesized {
  readonly stackName: string;
  /** In `outdir`. */
  readonly templateFile: string;
  readonly template: Template;
}

/**
 * Bundles the functions and makes the templates that the settings ask for. They and the functions stay in `outdir`; without it, nothing stays.
 * What it needs besides is in a folder of its own: another may synthesise the standby at the same time.
 */
export async function synthesize(settings: Settings, outdir?: string): Promise<Synthesized[]> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'breakwater-synth-'));
  try {
    const functions = path.join(scratch, 'functions');
    await bundleFunctions(functions);
    const api = await describeApi();
    const { stacks } = buildApp({
      settings,
      outdir: outdir ?? path.join(scratch, 'cdk.out'),
      functions,
      api,
    }).synth();
    return stacks.map(({ stackName, templateFile, template }) => ({
      stackName,
      templateFile,
      template: template as Template,
    }));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
