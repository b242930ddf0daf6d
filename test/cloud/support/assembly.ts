import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { JsonObject } from '#core/json.ts';
import { temporaryFolder } from '../../support/breakwater.ts';
import { write } from '../../support/estates.ts';
import { ROOT } from '../../repo-files.ts';
import type { FunctionSpec } from './lambda-service.ts';
import { rightsIn } from './rights.ts';
import { resourcesOf, type Known, type Template } from './template.ts';

/** True if the packages of `infra/` are there; a plain install leaves them out. */
export const HAS_CDK = existsSync(path.join(ROOT, 'node_modules/aws-cdk-lib'));

/** What `npm run synth -w infra` writes: the templates, and the functions as they are uploaded. */
export interface Assembly {
  readonly folder: string;
  readonly templates: readonly Template[];
  remove(): void;
}

/** Synthesises the deployment as a user does. `CLOUD_ASSEMBLY` names a folder that has it already: for those who work on these tests. */
export async function synthesize(): Promise<Assembly> {
  const given = process.env['CLOUD_ASSEMBLY'];
  // Longer than the folders of a single test.
  const folder = given ?? mkdtempSync(path.join(tmpdir(), 'breakwater-assembly-'));
  if (given === undefined) {
    const settings = write(temporaryFolder(), 'settings.json', JSON.stringify({ auth: 'iam' }));
    await run(['infra/src/main.ts', '--settings', settings, '--out', folder]);
  }
  const templates = readdirSync(folder)
    .filter((name) => name.endsWith('.template.json'))
    .map((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Template);
  const remove = (): void => {
    if (given === undefined) rmSync(folder, { recursive: true });
  };
  return { folder, templates, remove };
}

async function run(args: string[]): Promise<void> {
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => (said = (said + String(chunk)).slice(-20_000)));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new TypeError(`${args.join(' ')} ended with ${code}:\n${said}`);
}

/** All resources of a type, of all stacks. */
function all({ templates }: Assembly, type: string, known: Known): JsonObject[] {
  return templates.flatMap((template) => Object.values(resourcesOf(template, type, known)));
}

/** The functions with their code, their environment and their aliases. */
export function functionsIn(assembly: Assembly, known: Known): FunctionSpec[] {
  const aliases = all(assembly, 'AWS::Lambda::Alias', known);
  const rights = rightsIn(assembly, known);
  return all(assembly, 'AWS::Lambda::Function', known).map((properties) => {
    const { FunctionName, Code, Environment, Timeout, ReservedConcurrentExecutions: most } = properties;
    const { S3Key } = Code as { S3Key: string };
    const { Variables } = (Environment ?? { Variables: {} }) as { Variables: Record<string, string> };
    return {
      name: FunctionName as string,
      // The asset is the zipped folder.
      folder: path.join(assembly.folder, `asset.${path.basename(S3Key, '.zip')}`),
      environment: Variables,
      timeoutSeconds: Number(Timeout),
      rights: rights.get(FunctionName as string)!,
      aliases: aliases
        .filter((one) => one['FunctionName'] === FunctionName)
        .map(({ Name }) => Name as string),
      ...(most !== undefined && { mostAtOnce: Number(most) }),
    };
  });
}

/** The state machines by their names, with what stands for the `${…}` of their definitions. */
export function machinesIn(assembly: Assembly, known: Known): { name: string; definition: string }[] {
  return all(assembly, 'AWS::StepFunctions::StateMachine', known).map((properties) => {
    const substitutions = properties['DefinitionSubstitutions'] as Record<string, string>;
    // As CloudFormation does: in the text, before it is JSON.
    const definition = (properties['DefinitionString'] as string).replaceAll(
      /\$\{(\w+)\}/g,
      (_, name: string) => substitutions[name]!,
    );
    return { name: properties['StateMachineName'] as string, definition };
  });
}

/** The queue of the gates, and how the function takes from it. */
export interface QueueSpec {
  readonly logicalId: string;
  readonly name: string;
  readonly visibilitySeconds: number;
  readonly functionName: string;
  readonly batchSize: number;
}

/** The queue that has an event source mapping. */
export function queueIn(assembly: Assembly, known: Known): QueueSpec {
  const [source] = all(assembly, 'AWS::Lambda::EventSourceMapping', known);
  const logicalId = (source!['EventSourceArn'] as string).split('.')[0]!;
  const template = assembly.templates.find(({ Resources }) => logicalId in Resources)!;
  const queue = resourcesOf(template, 'AWS::SQS::Queue', known)[logicalId]!;
  return {
    logicalId,
    name: queue['QueueName'] as string,
    visibilitySeconds: Number(queue['VisibilityTimeout']),
    functionName: source!['FunctionName'] as string,
    batchSize: Number(source!['BatchSize']),
  };
}

/** What `CreateTable` takes of each table. */
export function tablesIn(assembly: Assembly, known: Known): JsonObject[] {
  return all(assembly, 'AWS::DynamoDB::GlobalTable', known).map((properties) => {
    const { TableName, BillingMode, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes } = properties;
    return {
      TableName: TableName!,
      BillingMode: BillingMode!,
      AttributeDefinitions: AttributeDefinitions!,
      KeySchema: KeySchema!,
      ...(GlobalSecondaryIndexes !== undefined && { GlobalSecondaryIndexes }),
    };
  });
}
