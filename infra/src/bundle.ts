import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rolldown } from 'rolldown';
import { FUNCTIONS } from './function-names.ts';
import { samePackages } from './same-packages.ts';

const ROOT = path.dirname(path.dirname(import.meta.dirname));

/** Bundles every function into `<folder>/<name>/index.mjs`, with all that it imports. The same sources give the same bytes. */
export async function bundleFunctions(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  for (const name of FUNCTIONS) {
    const bundle = await rolldown({
      input: path.join(ROOT, 'src/hosts/lambda', `${name}.ts`),
      platform: 'node',
      plugins: [samePackages()],
      // The ES modules of the SDK: of its commands, only those that are called get in.
      resolve: { mainFields: ['module', 'main'] },
      logLevel: 'silent',
    });
    const { output } = await bundle.generate({ format: 'esm', minify: true, codeSplitting: false });
    await bundle.close();
    const [chunk] = output;
    mkdirSync(path.join(folder, name), { recursive: true });
    writeFileSync(path.join(folder, name, 'index.mjs'), chunk.code);
  }
}
