import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { planDeployment, templatesOf } from './plan/plan-deployment.ts';
import { accountIn, deployedIn } from './plan/read-deployed.ts';
import { readSettings, SettingsInvalid } from './settings.ts';

// What `breakwater deploy --plan` runs, in a process of its own: `node infra/src/plan.ts --answer FILE [--settings settings.json]`.
// The answer is a file, because the CDK prints what it likes.
const { values } = parseArgs({ options: { settings: { type: 'string' }, answer: { type: 'string' } } });

async function answer(): Promise<object> {
  // What has failed, should something be thrown now.
  let failed = 'synthesis';
  try {
    const settings = readSettings(values.settings);
    const region = settings.region ?? process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'];
    // Asked before the synthesis, which takes a while.
    if (region === undefined)
      return { failed: 'reading', message: 'no Region is known: set AWS_REGION, or region in the settings' };
    failed = 'reading';
    const other = await otherAccount(settings.account, region);
    if (other !== null) return { failed, message: other };
    failed = 'synthesis';
    const templates = await templatesOf(settings);
    failed = 'reading';
    return { plan: await planDeployment(templates, region, deployedIn(region)) };
  } catch (error) {
    if (error instanceof SettingsInvalid) {
      const { file, findings } = error;
      return { failed, message: 'the settings are not right', file, findings };
    }
    return { failed, message: wordsOf(error) };
  }
}

/** Nothing is deployed there in the eyes of another account, and all would look new. */
async function otherAccount(wanted: string | undefined, region: string): Promise<string | null> {
  const own = await accountIn(region);
  if (wanted === undefined || own === wanted) return null;
  return `the credentials are of account ${own}, and the settings are for ${wanted}`;
}

/** What is wrong with the settings is a TypeError, and its name would say nothing. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof TypeError ? error.message : `${error.name}: ${error.message}`;
}

writeFileSync(values.answer!, JSON.stringify(await answer()));
