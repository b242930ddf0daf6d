import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import type { ApiDocument } from '../../../clients/generator/openapi.ts';
import { bundleFunctions } from '../../src/bundle.ts';
import { describeApi } from '../../src/describe.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the functions are bundled. */
    readonly functions: string;
    /** The API's own description. */
    readonly api: ApiDocument;
  }
}

/** What takes long and is the same for all test files, done once. */
export default async function setUp(project: TestProject): Promise<void> {
  const functions = mkdtempSync(path.join(tmpdir(), 'breakwater-functions-'));
  await bundleFunctions(functions);
  project.provide('functions', functions);
  project.provide('api', await describeApi());
}
