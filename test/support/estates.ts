import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { readText, ROOT } from '../repo-files.ts';

export const EXAMPLE = {
  plan: path.join(ROOT, 'examples/core-banking/plan.yaml'),
  specification: path.join(ROOT, 'examples/core-banking/specification.yaml'),
  estate: path.join(ROOT, 'examples/core-banking/estate.yaml'),
} as const;

/** Writes a text into a folder, and gives its path. */
export function write(folder: string, name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** A copy of the example's estate in which one thing is different. */
export function estateWith(folder: string, search: string, replacement: string): string {
  const text = readText('examples/core-banking/estate.yaml');
  if (!text.includes(search)) throw new TypeError(`the estate has no ${JSON.stringify(search)}`);
  return write(folder, 'estate.yaml', text.replace(search, replacement));
}

/** The example's estate with more traits of its first server, each `name: value`. */
export function estateWithServer(folder: string, ...traits: string[]): string {
  const lines = ['hostname: app-01', ...traits];
  return estateWith(folder, 'hostname: app-01', lines.join(`\n${' '.repeat(14)}`));
}

/**
 * A plan of waves that each recover all servers of the example's estate, one after the other. `technology` and `wave` are
 * more fields, in flow style.
 */
export function serversPlan(
  folder: string,
  { waves = 1, technology = '', wave = '' }: { waves?: number; technology?: string; wave?: string } = {},
): string {
  const entries = Array.from(
    { length: waves },
    (_, i) => `
  - waveNumber: ${i + 1}
    name: Servers ${i + 1}
    ${wave}
    technologies:
      - { type: drs, operation: recovery, resources: { protectionGroups: [servers] }${technology && `, ${technology}`} }`,
  );
  return write(
    folder,
    'plan.yaml',
    `name: Servers
region: us-west-2
protectionGroups: [{ groupId: servers, tags: { DR-Tier: application } }]
waves:${entries.join('')}
`,
  );
}
