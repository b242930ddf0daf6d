import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { DeploymentPlan } from '#cli/deployment-plan.ts';
import type { DeployPlanParams } from '#cli/host.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { Json } from '#core/json.ts';
import type { Environment } from './open-in.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
/** The CDK takes its time, on a slow machine. */
const PATIENCE_MS = 300_000;
const MOST_SAID = 2_000;

type Answer =
  | { readonly plan: DeploymentPlan }
  | {
      readonly failed: 'synthesis' | 'reading';
      readonly message: string;
      /** Of settings that are not right. */
      readonly file?: string;
      readonly findings?: Json[];
    };

/**
 * Asks the CDK app, in a process of its own: it is a workspace that a plain installation leaves out, so nothing here may import it.
 */
export async function deployPlan(
  { settings }: DeployPlanParams,
  environment: Environment,
  root = ROOT,
): Promise<DeploymentPlan> {
  const entry = path.join(root, 'infra/src/plan.ts');
  const missing = [entry, path.join(root, 'node_modules/aws-cdk-lib/package.json')].find(
    (file) => !existsSync(file),
  );
  if (missing !== undefined)
    throw new BreakwaterError(
      'DeploymentToolsMissing',
      `the CDK app is not installed: there is no ${missing}`,
    );
  const folder = await mkdtemp(path.join(tmpdir(), 'breakwater-plan-'));
  try {
    const answerFile = path.join(folder, 'answer.json');
    const given = settings === undefined ? [] : ['--settings', path.resolve(settings)];
    await run([entry, '--answer', answerFile, ...given], environment);
    const answer = JSON.parse(await readFile(answerFile, 'utf8')) as Answer;
    if ('plan' in answer) return answer.plan;
    const { failed, message, file, findings } = answer;
    throw new BreakwaterError(
      failed === 'synthesis' ? 'DeploymentInvalid' : 'DeploymentUnreadable',
      message,
      file === undefined || findings === undefined ? {} : { details: { file, findings } },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function run(args: readonly string[], environment: Environment): Promise<void> {
  const quiet = ['--disable-warning=ExperimentalWarning'];
  try {
    await promisify(execFile)(process.execPath, [...quiet, ...args], {
      env: environment,
      timeout: PATIENCE_MS,
    });
  } catch (cause) {
    const { stderr = '' } = cause as { readonly stderr?: string };
    const said = stderr.trim().slice(-MOST_SAID) || 'without a word';
    throw new BreakwaterError('DeploymentInvalid', `the CDK app broke: ${said}`, { cause });
  }
}
