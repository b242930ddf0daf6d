import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ERROR_CODES } from '#core/error-codes.ts';
import { importProblem, ROOMS } from '../lint/rooms.mjs';
import { listFiles, readText, ROOT } from './repo-files.ts';

/** Codes that nothing raises yet, and what they wait for. */
const RESERVED: Readonly<Record<string, string>> = {};

const code = listFiles(/^(src|sim|test|bench|clients)\/.*\.ts$/);

describe('packages', () => {
  test.each(listFiles(/(^|\/)package\.json$/))('%s pins every version exactly', (file) => {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(readText(file)) as Record<string, object>;
    const versions = Object.entries({ ...dependencies, ...devDependencies });
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version as string))).toEqual([]);
  });

  test('the lock file holds the packages of every platform, else npm ci refuses (node scripts/complete-lock.mjs)', () => {
    const lock = JSON.parse(readText('package-lock.json')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    const named = Object.values(lock.packages).flatMap(({ optionalDependencies = {} }) =>
      Object.keys(optionalDependencies),
    );
    const places = Object.keys(lock.packages);
    const missing = named.filter((name) => !places.some((place) => place.endsWith(`node_modules/${name}`)));
    expect(missing).toEqual([]);
  });

  test('the lock file names no place to download from', () => {
    expect(readText('package-lock.json')).not.toMatch(/"resolved":\s*"http/);
  });
});

describe('files', () => {
  test('of code have names in kebab-case', () => {
    const wrong = code.filter(
      (file) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*\.ts$/.test(path.posix.basename(file)),
    );
    expect(wrong).toEqual([]);
  });

  test('import their neighbours by full name, because Node adds no extension', () => {
    const specifier = /(?:from|import\()\s*'([.#][^']*)'/g;
    const wrong = code.flatMap((file) =>
      [...readText(file).matchAll(specifier)]
        .filter(([, to]) => !/\.(ts|json|mjs)$/.test(to!))
        .map(([, to]) => `${file} imports ${to}`),
    );
    expect(wrong).toEqual([]);
  });

  test('name no machine and no private registry', () => {
    // With a class of one letter in each, so that this file does not find itself.
    const pattern = /(?<![\w.*}])(\/[w]ork\/|\/[r]oot\/|\/[U]sers\/|\/\/[r]egistry\.|[a]rtifactory)/;
    const text = listFiles(/\.(ts|mjs|json|md|ya?ml|html|txt|sh)$|^\.ci\/|^breakwater$/);
    const found = text.flatMap((file) =>
      readText(file)
        .split('\n')
        .flatMap((line, i) => (pattern.test(line) ? [`${file}:${i + 1}: ${line.trim().slice(0, 100)}`] : [])),
    );
    expect(found).toEqual([]);
  });

  test('of documentation have links that lead somewhere', () => {
    const link = /\]\((?!https?:|mailto:|#)([^)#\s]+)/g;
    const broken = listFiles(/\.md$/).flatMap((file) =>
      [...readText(file).matchAll(link)]
        .filter(([, to]) => !existsSync(path.join(ROOT, path.dirname(file), to!)))
        .map(([, to]) => `${file} links to ${to}`),
    );
    expect(broken).toEqual([]);
  });
});

describe('error codes', () => {
  const sources = code.filter((file) => file.startsWith('src/') && !file.endsWith('.test.ts'));
  const text = sources
    .filter((file) => file !== 'src/core/error-codes.ts')
    .map(readText)
    .join('\n');

  test.each(Object.keys(ERROR_CODES))('%s is raised somewhere, or is listed as reserved', (errorCode) => {
    expect(text.includes(`'${errorCode}'`)).toBe(!(errorCode in RESERVED));
  });
});

describe('the simulated AWS', () => {
  const services = readdirSync(path.join(ROOT, 'sim/services'), { withFileTypes: true });

  test.each(services.filter((entry) => entry.isDirectory()).map((entry) => entry.name))(
    '%s says in a README what it does',
    (name) => {
      expect(existsSync(path.join(ROOT, 'sim/services', name, 'README.md'))).toBe(true);
    },
  );
});

describe('rooms', () => {
  test('are the folders of src, and sim', () => {
    const folders = readdirSync(path.join(ROOT, 'src'));
    expect([...folders, 'sim'].filter((folder) => !(folder in ROOMS))).toEqual([]);
  });

  test.each([
    { from: 'src/core/plan.ts', to: 'src/core/json.ts' },
    { from: 'src/core/plan.ts', to: 'zod' },
    { from: 'src/adapters/drs/recovery.ts', to: 'src/aws/aws.ts' },
    { from: 'src/store/sqlite/open.ts', to: 'node:sqlite' },
    { from: 'src/aws/create.ts', to: '@aws-sdk/client-drs' },
    { from: 'src/hosts/local/main.ts', to: 'sim/index.ts' },
    { from: 'sim/kernel/world.ts', to: 'src/core/clock.ts' },
    { from: 'src/core/plan.test.ts', to: 'src/hosts/local/main.ts' },
    { from: 'bench/engine.ts', to: 'src/hosts/local/main.ts' },
  ])('$from may import $to', ({ from, to }) => {
    expect(importProblem(from, to)).toBeNull();
  });

  test.each([
    {
      from: 'src/core/plan.ts',
      to: 'src/store/port.ts',
      why: 'core may not import src/store/port.ts; it may import no other room',
    },
    { from: 'src/core/plan.ts', to: 'node:fs', why: 'core may not use node:fs; it may use zod' },
    {
      from: 'src/store/locks.ts',
      to: 'src/engine/port.ts',
      why: 'store may not import src/engine/port.ts; it may import core',
    },
    {
      from: 'src/cli/run.ts',
      to: 'src/hosts/local/main.ts',
      why: 'cli may not import src/hosts/local/main.ts; it may import control, core',
    },
    {
      from: 'src/control/start.ts',
      to: '@aws-sdk/client-drs',
      why: 'control may not use @aws-sdk/client-drs; only aws, sim may',
    },
    {
      from: 'src/workflow/gates.ts',
      to: 'node:sqlite',
      why: 'workflow may not use node:sqlite; only store, engine, hosts, sim may',
    },
    {
      from: 'sim/kernel/world.ts',
      to: 'src/core/plan.ts',
      why: 'sim may not import src/core/plan.ts; it may import src/core/clock.ts, src/core/json.ts',
    },
  ])('$from may not import $to', ({ from, to, why }) => {
    expect(importProblem(from, to)).toBe(why);
  });
});
