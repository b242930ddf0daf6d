import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, inject, test } from 'vitest';
import { FUNCTIONS, type FunctionName } from '../src/function-names.ts';

const folder = inject('functions');

const MOST_ZIPPED_BYTES = 1_500_000;
const MOST_IMPORT_MS = 300;

describe.each(FUNCTIONS)('%s', (name) => {
  const file = (): string => path.join(folder, name, 'index.mjs');

  test('is small', () => {
    expect(deflateRawSync(readFileSync(file())).length).toBeLessThan(MOST_ZIPPED_BYTES);
  });

  test('starts fast, and has a handler', () => {
    // Of the processor, so that what else this machine does has no say.
    const code = `const before = process.cpuUsage();
      import(${JSON.stringify(file())}).then((m) => {
        const { user, system } = process.cpuUsage(before);
        console.log(typeof m.handler, (user + system) / 1_000);
      });`;
    const runs = [1, 2, 3, 4, 5].map(() =>
      execFileSync(process.execPath, ['-e', code], { encoding: 'utf8' }).split(' '),
    );
    expect(new Set(runs.map(([kind]) => kind))).toEqual(new Set(['function']));
    expect(Math.min(...runs.map(([, ms]) => Number(ms)))).toBeLessThan(MOST_IMPORT_MS);
  });

  test('holds no other engine and no other records than those of AWS', () => {
    expect(readFileSync(file(), 'utf8')).not.toContain('node:sqlite');
  });
});

/** Beside those of the SDK's own credentials (STS, SSO): every function has records, and opens gates. */
const CLIENTS: readonly { name: FunctionName; calls: readonly string[] }[] = [
  { name: 'adapter-application', calls: ['EC2', 'Lambda', 'SSM', 'drs'] },
  { name: 'adapter-database', calls: ['RDS'] },
  { name: 'adapter-drs', calls: ['EC2', 'Service Quotas', 'drs'] },
  { name: 'adapter-infrastructure', calls: ['Elastic Load Balancing v2', 'Route 53', 'drs'] },
  { name: 'pause-resume', calls: [] },
];

test.each(CLIENTS)('$name holds the clients of what it calls, and no other', ({ name, calls }) => {
  const code = readFileSync(path.join(folder, name, 'index.mjs'), 'utf8');
  const found = [...code.matchAll(/serviceId\?\?[`"']([^`"']+)/g)].map(([, id]) => id!);
  const ofCredentials = ['SSO', 'SSO OIDC', 'STS', 'Signin'];
  expect([...new Set(found)].sort()).toEqual([...calls, 'DynamoDB', 'SFN', ...ofCredentials].sort());
});
