import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ExecutionRepository } from '#store/executions.ts';
import { openSqliteStore } from '#store/sqlite/open-sqlite-store.ts';
import { readText } from './repo-files.ts';
import { BAD_PLANS, exampleWith } from './support/bad-plans.ts';
import { breakwater, jsonLines, type Ended, type Surroundings } from './support/breakwater.ts';
import { EXAMPLE, write } from './support/estates.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'breakwater-bad-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A folder for one case. */
function newFolder(): string {
  return mkdtempSync(path.join(folder, 'case-'));
}

/** What a person must find in the words of an error: code, what it is about, what is wrong, what to do. */
function expectRefusal(ended: Ended, ...words: (string | RegExp)[]): void {
  for (const word of words)
    expect(ended.output).toMatch(typeof word === 'string' ? new RegExp(escape(word)) : word);
  expect(ended.output).not.toMatch(/\bat .*\(?\S+:\d+:\d+\)?$|node:internal|UnhandledPromise|\bBug:/m);
  expect(ended.output).toMatch(/^ *→ \S/m);
  expect(ended).toMatchObject({ code: 1, signal: null });
}

function escape(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
}

/** How many executions a data directory holds, begun or not. */
async function executionsIn(directory: string): Promise<number> {
  const records = path.join(directory, 'records.db');
  if (!existsSync(records)) return 0;
  const store = openSqliteStore({ path: records });
  const { heads } = await new ExecutionRepository({ store, now: () => 0 }).list({ limit: 10 });
  await store.close();
  return heads.length;
}

describe.concurrent('a plan that', () => {
  test.each(BAD_PLANS)('$name is refused, and nothing has begun', async ({ plan, says }) => {
    const own = newFolder();
    const [file, dataDir] = [path.join(own, 'plan.yaml'), path.join(own, 'data')];
    if (plan !== null) writeFileSync(file, plan);
    const ended = await run(file, dataDir);
    expectRefusal(ended, file, ...says);
    expect(ended.stdout).toBe('');
    expect(await executionsIn(dataDir)).toBe(0);
  });

  test('is a directory is refused', async () => {
    expectRefusal(await run(folder), 'PlanUnreadable: ', `${folder} is a directory`);
  });

  test.runIf(process.getuid?.() === 0)('may not be read is refused', async () => {
    const file = write(folder, 'secret.yaml', 'waves: []');
    chmodSync(file, 0o600);
    chmodSync(folder, 0o755);
    const ended = await run(file, '/nowhere', { identity: NOBODY });
    expectRefusal(ended, 'PlanUnreadable: ', `${file} may not be read: permission denied`);
  });
});

test('validate says everything at once: schema, graph, and what the estate has against the sound rest', async () => {
  const plan = exampleWith('clusters: [aurora-prod-cluster]', 'clusters: [aurora-test-cluster]')
    .replace(
      'protectionGroups: [pg-app-servers]\n',
      'protectionGroups: [pg-app-servers]\n        timeout: 10\n',
    )
    .replace('pauseAfterWave: true', 'pauseAfterWave: yes')
    .replace('dependencies: [2]', 'dependencies: [7]');
  const file = write(folder, 'everything.yaml', plan);
  const ended = await breakwater(['validate', file, '--scenario', EXAMPLE.estate]);
  expectRefusal(
    ended,
    'PlanInvalid: ',
    /everything\.yaml:\d+:\d+ +error +ResourceUnresolved\n +waves\[0\]\.technologies\[0\]\.resources\.clusters\[0\]: .*aurora-test-cluster/,
    /waves\[1\]\.technologies\[0\]\.timeout: expected text, found the number 10\n +→ Write an ISO 8601 duration such as PT10M\./,
    /waves\[1\]\.pauseAfterWave: .*\n +→ Write true or false\./,
    /error +WaveDependencyUnknown/,
  );
});

test('what is optional, even out of reach, does not keep a plan from starting, and the outcome says what was not done', async () => {
  const own = newFolder();
  const faults = '\nfaults:\n  - { fault: regionDown, region: ap-south-1 }\n';
  const estate = write(own, 'estate.yaml', readText('examples/core-banking/estate.yaml') + faults);
  const plan = exampleWith(
    'clusters: [aurora-prod-cluster]',
    'clusters: [aurora-prod-cluster, reports]\n        optionalResources: [reports]',
  ).replace(
    'scripts: [start-services.sh]\n',
    'scripts: [start-services.sh]\n      - type: database\n        operation: failover\n        criticality: optional\n        region: ap-south-1\n        drill: perform\n        resources:\n          clusters: [elsewhere]\n',
  );
  const file = write(own, 'plan.yaml', plan);
  const validated = await breakwater(['validate', file, '--scenario', estate]);
  expect(validated.output).toMatch(
    /warning +ResourceUnresolved\n.*reports is optional: the plan runs without it/,
  );
  expect(validated.output).toMatch(/this technology is optional: the plan runs without it/);
  expect(validated.code).toBe(0);
  const ran = await breakwater(
    [
      'run',
      file,
      '--drill',
      '--scenario',
      estate,
      '--virtual',
      '--json',
      '--data-dir',
      path.join(own, 'data'),
    ],
    { environment: { HOME: own } },
  );
  expect(ran.code).toBe(0);
  const { result } = jsonLines(ran.stdout).at(-1) as { result: { outcome: string; exportPath: string } };
  expect(result.outcome).toBe('with_exceptions');
  const exported = readFileSync(result.exportPath, 'utf8');
  expect(exported).toContain('there is no cluster reports');
  expect(exported).toMatch(/rds:DescribeDBClusters failed .*region ap-south-1/);
});

function asRoot(program: 'mount' | 'umount', ...args: string[]): void {
  execFileSync(program, args, { stdio: 'ignore' });
}

/** Puts a disk of this size, in memory, at a folder. */
function mountDisk(at: string, size: string): void {
  asRoot('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', at);
}

/** Whether a small disk can be made. */
const canMount = ((): boolean => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const point = mkdtempSync(path.join(tmpdir(), 'breakwater-mount-'));
  try {
    mountDisk(point, '4k');
    asRoot('umount', point);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(point, { recursive: true });
  }
})();

const NOBODY = { uid: 65_534, gid: 65_534 };

/** Runs a plan as a drill on the example's estate. */
function run(plan: string, dataDir = '/nowhere', surroundings?: Surroundings): Promise<Ended> {
  return breakwater(
    ['run', plan, '--drill', '--scenario', EXAMPLE.estate, '--virtual', '--data-dir', dataDir],
    surroundings,
  );
}

describe.concurrent('a scenario that', () => {
  const validate = (scenario: string): Promise<Ended> =>
    breakwater(['validate', EXAMPLE.plan, '--scenario', scenario]);

  test('does not exist is refused', async () => {
    const file = path.join(folder, 'no-estate.yaml');
    expectRefusal(await validate(file), 'ScenarioUnreadable: ', `${file} cannot be read`);
  });

  test('has errors is refused with all of them, each with line and column', async () => {
    const file = write(
      folder,
      'wrong.yaml',
      `name: wrong
accounts:
  - accountId: '111122223333'
    regions:
      us-west-2:
        drs:
          sourceServers:
            - hostname: app-01
              launch: perhaps
faults:
  - fault: earthquake
`,
    );
    const ended = await validate(file);
    expectRefusal(ended, 'ScenarioInvalid: ', 'wrong.yaml:9:', 'found "perhaps"', 'wrong.yaml:11:');
  });

  test('leaves no data directory behind when a run is refused for it', async () => {
    const directory = path.join(folder, 'never');
    const scenario = write(folder, 'no-accounts.yaml', 'accounts: []');
    const ended = await breakwater([
      'run',
      EXAMPLE.plan,
      '--drill',
      '--virtual',
      '--scenario',
      scenario,
      '--data-dir',
      directory,
    ]);
    expectRefusal(ended, 'ScenarioInvalid: ', 'no-accounts.yaml:1:');
    expect(existsSync(directory)).toBe(false);
  });
});

describe.concurrent('a data directory that', () => {
  const runIn = (directory: string, surroundings?: Surroundings): Promise<Ended> =>
    run(EXAMPLE.plan, directory, surroundings);

  test('is a file is refused', async () => {
    const file = write(folder, 'file', '');
    expectRefusal(
      await runIn(file),
      'DataDirectoryUnusable: ',
      `${file} cannot be used: it is not a directory`,
    );
  });

  test('does not exist cannot be looked at, and is not made', async () => {
    const directory = path.join(folder, 'nowhere');
    const ended = await breakwater(['executions', 'list', '--data-dir', directory]);
    expectRefusal(ended, 'DataDirectoryUnusable: ', directory);
    expect(existsSync(directory)).toBe(false);
  });

  test('is a folder of something else cannot be looked at, and nothing is written into it', async () => {
    const directory = newFolder();
    const ended = await breakwater(['executions', 'resume', 'latest', '--data-dir', directory]);
    expectRefusal(ended, 'DataDirectoryUnusable: ', `${directory} is no data directory`);
    expect(readdirSync(directory)).toEqual([]);
  });

  test('is read-only is refused', async () => {
    const directory = path.join(folder, 'read-only');
    mkdirSync(directory, { mode: 0o555 });
    chmodSync(folder, 0o755);
    const identity = process.getuid?.() === 0 ? { identity: NOBODY } : {};
    expectRefusal(await runIn(directory, identity), 'DataDirectoryUnusable: ', directory);
  });

  test.runIf(canMount)('is on a full disk is refused, and is free again after that', async () => {
    const disk = path.join(folder, 'disk');
    mkdirSync(disk);
    mountDisk(disk, '128k');
    try {
      const ended = await runIn(path.join(disk, 'data'));
      expectRefusal(ended, 'DataDirectoryUnusable: ', disk, 'the disk is full', 'free space');
      const listed = await breakwater(['executions', 'list', '--data-dir', path.join(disk, 'data')]);
      expect(listed.stdout).toBe('There are no executions here.\n');
    } finally {
      asRoot('umount', disk);
    }
  });
});

describe.concurrent('the real AWS', () => {
  test('without credentials is refused, with what to do, and nothing has begun', async () => {
    const home = newFolder();
    const dataDir = path.join(home, 'data');
    const ended = await breakwater(['run', EXAMPLE.plan, '--drill', '--data-dir', dataDir], {
      environment: { HOME: home },
    });
    expectRefusal(ended, 'ValidationFailed: ', /plan\.yaml:\d+:\d+ +error +AwsCredentialsMissing/);
    expect(ended.output).toContain('a command with --scenario needs none');
    expect(await executionsIn(dataDir)).toBe(0);
  });

  test('in a Region that there is not is refused, with its name, and nothing has begun', async () => {
    const own = newFolder();
    const dataDir = path.join(own, 'data');
    const plan = write(own, 'plan.yaml', exampleWith('region: us-west-2', 'region: us-west-9'));
    const ended = await run(plan, dataDir);
    expectRefusal(ended, /plan\.yaml:\d+:\d+ +error +AwsRegionInvalid/, 'region us-west-9');
    expect(await executionsIn(dataDir)).toBe(0);
  });
});

describe.concurrent('a command line that', () => {
  const PLAN_RUN = ['run', EXAMPLE.plan, '--scenario', EXAMPLE.estate] as const;
  test.each<{ name: string; args: readonly string[]; says: readonly (string | RegExp)[] }>([
    { name: 'has an unknown command', args: ['recover'], says: ['UsageInvalid: ', 'recover'] },
    {
      name: 'has an unknown option',
      args: [...PLAN_RUN, '--drill', '--fast'],
      says: ['UsageInvalid: ', '--fast'],
    },
    {
      name: 'wants neither drill nor recovery',
      args: PLAN_RUN,
      says: ['UsageInvalid: ', '--drill or --recovery'],
    },
    {
      name: 'has values of wrong types, all told at once',
      args: [...PLAN_RUN, '--drill', '--virtual', '--seed', 'seven', '--data-dir', ''],
      says: ['UsageInvalid: ', '--seed "seven" (expected a whole number)', '--data-dir ""'],
    },
    {
      name: 'has a speed below zero',
      args: [...PLAN_RUN, '--drill', '--speed', '-1'],
      says: ['UsageInvalid: ', '--speed'],
    },
    {
      name: 'wants virtual time of the real AWS',
      args: ['run', EXAMPLE.plan, '--drill', '--virtual'],
      says: ['UsageInvalid: ', '--virtual', 'needs --scenario'],
    },
    {
      name: 'wants a recovery where nobody can confirm it',
      args: [...PLAN_RUN, '--recovery', '--virtual', '--data-dir', '/nowhere'],
      says: ['Declined: ', 'has to be confirmed', '--yes'],
    },
  ])('$name is refused', async ({ args, says }) => {
    expectRefusal(await breakwater(args), ...says);
  });

  test('asks for JSON gets its error as one line of JSON as well', async () => {
    const { code, stdout } = await breakwater(['validate', 'no-such-plan.yaml', '--json']);
    expect(code).toBe(1);
    expect(jsonLines(stdout)).toMatchObject([
      { error: { code: 'PlanUnreadable', message: 'no-such-plan.yaml does not exist' } },
    ]);
  });
});
