import path from 'node:path';
import { parseArgs } from 'node:util';
import { readSettings, type Settings } from './settings.ts';
import { synthesize } from './synthesize.ts';
import { vendedRoles, writeRoles } from './vended-policies.ts';

const USAGE = `Usage: npm run synth -w infra -- [options]

Bundles the functions and writes the templates. Needs no account and no network.

Options:
  --settings <file>  the settings of the deployment, as in infra/README.md (default: none)
  --out <folder>     where the templates go (default: infra/cdk.out)
  --policies         write the roles that a landing zone has to vend instead, to infra/dist/policies`;

const folder = path.dirname(import.meta.dirname);

try {
  await main();
} catch (error) {
  // What somebody has asked for wrongly is theirs to mend, and no fault of the code. Nor is a stack trace of help with it.
  if (!(error instanceof TypeError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      settings: { type: 'string' },
      out: { type: 'string' },
      policies: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return print(USAGE);
  const settings = readSettings(values.settings === undefined ? undefined : fromCaller(values.settings));
  if (values.policies) await writePolicies(settings);
  else await writeTemplates(settings, fromCaller(values.out ?? path.join(folder, 'cdk.out')));
}

/** As the caller means it: npm runs a workspace's script in the folder of the workspace, and says where it was itself. */
function fromCaller(file: string): string {
  return path.resolve(process.env['INIT_CWD'] ?? '', file);
}

async function writeTemplates(settings: Settings, outdir: string): Promise<void> {
  for (const { stackName, templateFile } of await synthesize(settings, outdir))
    print(`${stackName}: ${path.join(outdir, templateFile)}`);
}

async function writePolicies({ roles: _, ...own }: Settings): Promise<void> {
  const { account, region } = own;
  if (account === undefined || region === undefined)
    throw new TypeError('--policies needs account and region in the settings: the policies name both');
  const stacks = await synthesize(own);
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
