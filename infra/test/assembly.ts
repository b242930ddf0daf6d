import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildApp } from '../src/app.ts';
import { bundleFunctions } from '../src/bundle.ts';
import { describeApi } from '../src/describe.ts';
import { Settings } from '../src/settings.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface Template {
  readonly Parameters?: Record<string, Json>;
  readonly Resources: Record<string, { readonly Type: string; readonly Properties: Record<string, Json> }>;
}

export interface Assembly {
  readonly folder: string;
  readonly functions: string;
  readonly templates: ReadonlyMap<string, Template>;
}

const functions = mkdtempSync(path.join(tmpdir(), 'breakwater-functions-'));
let bundled: Promise<void> | undefined;
/** The API's own description. */
export const described = await describeApi();

/** The templates of all stacks. Functions are bundled once a test file. */
export async function synthesize(settings: object = {}): Promise<Assembly> {
  await (bundled ??= bundleFunctions(functions));
  const folder = mkdtempSync(path.join(tmpdir(), 'breakwater-assembly-'));
  const params = { settings: Settings.parse(settings), outdir: folder, functions, api: described };
  const { stacks } = buildApp(params).synth();
  const templates = stacks.map(({ stackName, template }) => [stackName, template as Template] as const);
  return { folder, functions, templates: new Map(templates) };
}
