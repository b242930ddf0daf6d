import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inject } from 'vitest';
import type { Json } from '../../../src/core/json.ts';
import { buildApp } from '../../src/app.ts';
import { Settings } from '../../src/settings.ts';

/** All that there are, in the order of deployment. */
export const STACKS = [
  'BreakwaterRecords',
  'BreakwaterWorkflow',
  'BreakwaterApi',
  'BreakwaterTriggers',
  'BreakwaterObservability',
  'BreakwaterTargetAccount',
];

export interface Template {
  readonly Parameters?: Record<string, Json>;
  readonly Resources: Record<string, { readonly Type: string; readonly Properties: Record<string, Json> }>;
}

export function ofType({ Resources }: Template, type: string): Template['Resources'][string][] {
  return Object.values(Resources).filter(({ Type }) => Type === type);
}

export function propertiesOf(template: Template, type: string): Record<string, Json>[] {
  return ofType(template, type).map(({ Properties }) => Properties);
}

export interface Assembly {
  readonly folder: string;
  readonly functions: string;
  readonly templates: ReadonlyMap<string, Template>;
}

/** The templates of all stacks. */
export async function synthesize(settings: object = {}): Promise<Assembly> {
  const functions = inject('functions');
  const folder = mkdtempSync(path.join(tmpdir(), 'breakwater-assembly-'));
  const params = { settings: Settings.parse(settings), outdir: folder, functions, api: inject('api') };
  const { stacks } = buildApp(params).synth();
  const templates = stacks.map(({ stackName, template }) => [stackName, template as Template] as const);
  return { folder, functions, templates: new Map(templates) };
}
