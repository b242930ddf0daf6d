import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildApp } from './app.ts';
import { bundleFunctions } from './bundle.ts';
import { describeApi } from './describe.ts';
import { readSettings, type Settings } from './settings.ts';
import { vendedRoles, writeRoles } from './vended-policies.ts';

// `npm run synth -w infra -- --settings settings.json`: bundles the functions and writes the templates to `infra/cdk.out`, or to `--out`.
// With `--policies` it writes instead what the roles are that a landing zone has to vend, to `infra/dist/policies`.
const { values } = parseArgs({
  options: { settings: { type: 'string' }, out: { type: 'string' }, policies: { type: 'boolean' } },
});
const settings = readSettings(values.settings);
const folder = path.dirname(import.meta.dirname);
const functions = path.join(folder, 'dist/functions');
await bundleFunctions(functions);
const api = await describeApi();
if (values.policies) writePolicies(settings);
else writeTemplates();

function writeTemplates(): void {
  const outdir = values.out ?? path.join(folder, 'cdk.out');
  const { stacks } = buildApp({ settings, outdir, functions, api }).synth();
  for (const { stackName, templateFile } of stacks) print(`${stackName}: ${path.join(outdir, templateFile)}`);
}

function writePolicies({ roles: _, ...own }: Settings): void {
  const { account, region } = own;
  if (account === undefined || region === undefined)
    throw new TypeError('--policies needs account and region in the settings: the policies name both');
  const outdir = mkdtempSync(path.join(tmpdir(), 'breakwater-policies-'));
  const { stacks } = buildApp({ settings: own, outdir, functions, api }).synth();
  // A target account is another account: its role comes by its own template.
  const templates = stacks.filter(({ stackName }) => stackName !== 'BreakwaterTargetAccount');
  const made = vendedRoles(
    templates.map(({ template }) => template as never),
    { account, region },
  );
  for (const file of writeRoles(made, path.join(folder, 'dist/policies')))
    print(path.relative(path.dirname(folder), file));
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
