import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App, type Stack } from 'aws-cdk-lib';
import { Settings } from '../../src/settings.ts';
import type { Template } from './assembly.ts';

/** The template of one stack by itself, with functions that are empty: soon there, where neither bundles nor rules matter. */
export function templateOfOne(
  build: (app: App, props: { readonly settings: Settings; readonly functions: string }) => Stack,
  settings: object = {},
): Template {
  const folder = mkdtempSync(path.join(tmpdir(), 'breakwater-one-'));
  const functions = path.join(folder, 'functions');
  mkdirSync(path.join(functions, 'jobs'), { recursive: true });
  writeFileSync(path.join(functions, 'jobs/index.mjs'), '');
  const app = new App({ outdir: path.join(folder, 'out'), analyticsReporting: false });
  const stack = build(app, { settings: Settings.parse(settings), functions });
  return app.synth().getStackByName(stack.stackName).template as Template;
}
