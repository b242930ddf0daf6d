import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { completed, fakeCommandLine } from '../testing.ts';

let dir: string;
let plan: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'breakwater-cli-'));
  plan = join(dir, 'plan.yaml');
});
afterEach(() => rm(dir, { recursive: true }));

describe('discover', () => {
  const server = {
    resourceId: 's-1',
    technology: 'drs',
    kind: 'drs:source-server',
    tags: { 'DR-Enabled': 'true', 'DR-Wave': '2', 'DR-Technology': 'drs', Name: 'app01' },
  } as const;

  function setUpDiscovery() {
    const all = fakeCommandLine();
    all.control.discover = async (query) => ({
      ...query,
      discoveredResources: { drs: ['s-1'] },
      details: [server],
      warnings: ['s-2: DR-Wave is "x"'],
    });
    return all;
  }

  test("answers in the specification's JSON shape", async () => {
    const { io, run } = setUpDiscovery();
    await run(
      'discover',
      '--tags',
      'DR-Enabled=true, Environment=production',
      '--technologies',
      'drs',
      '--json',
    );
    expect(JSON.parse(io.out[0]!)).toMatchObject({
      discoveryQuery: { tags: { 'DR-Enabled': 'true', Environment: 'production' }, technologies: ['drs'] },
      discoveredResources: { drs: ['s-1'] },
    });
  });

  test('prints a table, and warnings on stderr', async () => {
    const { io, run } = setUpDiscovery();
    await run('discover', '--tags', 'DR-Enabled=true');
    expect(io.out[0]).toBe(`Technology  Resource  Kind               Wave  Tier  Priority  Name
drs         s-1       drs:source-server  2     –     –         app01

1 resource`);
    expect(io.err).toEqual(['! s-2: DR-Wave is "x"']);
  });

  test('--plan prints a plan that can be run', async () => {
    const { io, run } = setUpDiscovery();
    expect(await run('discover', '--tags', 'DR-Enabled=true', '--plan')).toBe(0);
    await writeFile(plan, io.out.join('\n'));
    expect(await run('validate', plan)).toBe(0);
    expect(io.out[0]).toContain('protectionGroups:\n  - groupId: wave-2-servers\n');
  });
});

describe('simulate', () => {
  test('prints export lines on stdout, and runs until it is stopped', async () => {
    const { io, run, log } = fakeCommandLine(completed, { onSleep: () => io.interrupt() });
    expect(await run('simulate', '--scenario', 'e.yaml', '--port', '4599')).toBe(0);
    expect(io.out).toEqual([
      `export AWS_ENDPOINT_URL=http://127.0.0.1:4599\nexport AWS_ACCESS_KEY_ID='it'\\''s'`,
    ]);
    expect(io.err).toEqual([
      'Simulated AWS listens on http://127.0.0.1:4599, in real time. Ctrl-C stops it.',
    ]);
    expect(log).toEqual(['simulation closed']);
  });
});
