import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.dirname(import.meta.dirname);

const SKIPPED = new Set(['node_modules', 'coverage', '.git', '.breakwater', '.venv', 'cdk.out', 'dist']);

/** The project's own files, from its root, with `/` between names. */
export function listFiles(pattern: RegExp, folder = ''): string[] {
  return readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = path.posix.join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : listFiles(pattern, file);
    return pattern.test(file) ? [file] : [];
  });
}

export function readText(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8');
}
