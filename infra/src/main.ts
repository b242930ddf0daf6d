import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildApp } from './app.ts';
import { bundleFunctions } from './bundle.ts';
import { describeApi } from './describe.ts';
import { readSettings } from './settings.ts';

// `npm run synth -w infra -- --settings settings.json`: bundles the functions and writes the templates to `infra/cdk.out`.
const { values } = parseArgs({ options: { settings: { type: 'string' } } });
const settings = readSettings(values.settings);
const folder = path.dirname(import.meta.dirname);
const outdir = path.join(folder, 'cdk.out');
const functions = path.join(folder, 'dist/functions');
await bundleFunctions(functions);
const assembly = buildApp({ settings, outdir, functions, api: await describeApi() }).synth();
for (const { stackName, templateFile } of assembly.stacks) {
  process.stdout.write(`${stackName}: infra/cdk.out/${templateFile}\n`);
}
