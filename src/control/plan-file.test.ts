import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hasCode, isBreakwaterError, type BreakwaterError } from '#core/errors.ts';
import { parsePlanText, readPlanFile, type PlacedFinding } from './plan-file.ts';

const SOUND = `waves:
  - waveNumber: 1
    name: Database Tier
    technologies:
      - type: database
        operation: failover
        resources:
          clusters: [aurora-prod-cluster]
scripts:
  start-services.sh:
    type: commands
    commands: [systemctl start app]
    targets: { recovered: true }
`;

function errorOf(text: string): BreakwaterError {
  try {
    parsePlanText(text, 'plan.yaml');
  } catch (error) {
    return error as BreakwaterError;
  }
  throw new TypeError('expected an error');
}

function findingsOf(text: string): PlacedFinding[] {
  const error = errorOf(text);
  expect(error.code).toBe('PlanInvalid');
  return error.details['findings'] as unknown as PlacedFinding[];
}

describe('a sound plan', () => {
  test('is parsed with its defaults', () => {
    const { plan, path } = parsePlanText(SOUND, 'plan.yaml');
    expect(path).toBe('plan.yaml');
    expect(plan.waves[0]?.technologies[0]?.criticality).toBe('critical');
  });

  test('may be JSON', () => {
    const text =
      '{"waves":[{"waveNumber":1,"name":"A","technologies":[{"type":"drs","operation":"recovery"}]}]}';
    expect(parsePlanText(text, 'plan.json').plan.waves).toHaveLength(1);
  });

  test.each([
    { path: 'waves[0].name', place: { line: 3, column: 11 } },
    { path: 'waves[0].technologies[0].resources.clusters[0]', place: { line: 8, column: 22 } },
    { path: 'waves[0].technologies[0].resources.protectionGroups[3]', place: { line: 7, column: 9 } },
    { path: 'waves[0].technologies[7]', place: { line: 4, column: 5 } },
    { path: 'scripts["start-services.sh"].commands', place: { line: 12, column: 5 } },
    { path: 'scripts.start-services.sh.targets.recovered', place: { line: 13, column: 27 } },
    { path: 'objectives.rto', place: { line: 1, column: 1 } },
    { path: '', place: { line: 1, column: 1 } },
  ])('knows that $path stands at $place.line:$place.column', ({ path, place }) => {
    expect(parsePlanText(SOUND, 'plan.yaml').locate(path)).toEqual(place);
  });

  test('may use anchors, and paths through them are found', () => {
    const text = `${SOUND}tags: &tags { Environment: production }
protectionGroups:
  - groupId: app
    tags: *tags
`;
    const file = parsePlanText(text, 'plan.yaml');
    expect(file.plan.protectionGroups[0]?.tags).toEqual({ Environment: 'production' });
    expect(file.locate('protectionGroups[0].tags.Environment')).toEqual({ line: 14, column: 28 });
  });
});

describe('merge keys', () => {
  const MERGED = `waves:
  - waveNumber: 1
    name: A
    technologies:
      - &app
        type: drs
        operation: recovery
        resources: { protectionGroups: [app] }
        timeout: PT10M
  - waveNumber: 2
    name: B
    technologies:
      - <<: *app
        timeout: PT20M
      - <<: [*app, { criticality: optional }]
        tiemout: PT20M
`;

  test('bring in the fields of another mapping; own fields win', () => {
    const { plan } = parsePlanText(MERGED.replace('tiemout', 'timeout'), 'plan.yaml');
    expect(plan.waves[1]?.technologies).toMatchObject([
      { type: 'drs', resources: { protectionGroups: ['app'] }, timeout: 'PT20M', criticality: 'critical' },
      { type: 'drs', resources: { protectionGroups: ['app'] }, timeout: 'PT20M', criticality: 'optional' },
    ]);
  });

  test('keep the places: own fields where they stand, merged ones where they come from', () => {
    const { locate } = parsePlanText(MERGED.replace('tiemout', 'timeout'), 'plan.yaml');
    expect(locate('waves[1].technologies[0].timeout')).toEqual({ line: 14, column: 18 });
    expect(locate('waves[1].technologies[0].resources.protectionGroups[0]')).toEqual({ line: 8, column: 41 });
    expect(locate('waves[1].technologies[1].criticality')).toEqual({ line: 15, column: 35 });
  });

  test('do not hide a slip of the pen', () => {
    expect(findingsOf(MERGED)).toMatchObject([
      { rule: 'FieldUnknown', path: 'waves[1].technologies[1].tiemout', line: 16, column: 18 },
    ]);
  });

  test('of something that is no mapping are refused', () => {
    const error = errorOf(MERGED.replace('<<: *app', '<<: 5'));
    expect(error.message).toBe('plan.yaml is not YAML: Merge sources must be maps or map aliases');
  });
});

describe('a plan that breaks the schema', () => {
  test('gets every finding at once, each with path, value, expectation, remedy and place', () => {
    const findings = findingsOf(`accountId: 123456789012
waves:
  - waveNumber: one
    name: A
    tecnologies: []
    technologies:
      - type: [drs]
        operation: recovery
        criticality: optionl
        timeout: 5 minutes
      - operation: recovery
`);
    expect(findings.map(({ level: _, ...rest }) => rest)).toEqual([
      {
        rule: 'TypeWrong',
        path: 'accountId',
        value: 123456789012,
        message: 'expected text, found the number 123456789012',
        remedy: 'Put it in quotes: "123456789012".',
        line: 1,
        column: 12,
      },
      {
        rule: 'TypeWrong',
        path: 'waves[0].waveNumber',
        value: 'one',
        message: 'expected a number, found the text "one"',
        remedy: 'Write a number.',
        line: 3,
        column: 17,
      },
      {
        rule: 'FieldUnknown',
        path: 'waves[0].tecnologies',
        value: [],
        message: 'unknown field "tecnologies"',
        remedy: 'Did you mean "technologies"?',
        line: 5,
        column: 5,
      },
      {
        rule: 'TypeWrong',
        path: 'waves[0].technologies[0].type',
        value: ['drs'],
        message: 'expected text, found a list of 1',
        remedy: 'Write text.',
        line: 7,
        column: 9,
      },
      {
        rule: 'ValueInvalid',
        path: 'waves[0].technologies[0].criticality',
        value: 'optionl',
        message: 'expected one of critical, optional, found the text "optionl"',
        remedy: 'Did you mean "optional"?',
        line: 9,
        column: 22,
      },
      {
        rule: 'ValueInvalid',
        path: 'waves[0].technologies[0].timeout',
        value: '5 minutes',
        message: '"5 minutes" is not an ISO 8601 duration such as PT5M',
        remedy: 'Write PT5M.',
        line: 10,
        column: 18,
      },
      {
        rule: 'FieldMissing',
        path: 'waves[0].technologies[1].type',
        message: 'missing; expected text',
        remedy: 'Add it.',
        line: 11,
        column: 9,
      },
    ]);
  });

  test.each([
    {
      name: 'a script of no known type',
      text: 'scripts:\n  a:\n    type: command\n',
      path: 'scripts.a.type',
      message: 'expected one of commands, document, lambda, found the text "command"',
      remedy: 'Did you mean "commands"?',
    },
    {
      name: 'a field unknown to the type of script',
      text: 'scripts:\n  a:\n    type: lambda\n    functionName: f\n    payloads: 1\n',
      path: 'scripts.a.payloads',
      message: 'unknown field "payloads"',
      remedy: 'Did you mean "payload"?',
    },
    {
      name: 'an unknown field that is near to nothing',
      text: 'objectives:\n  goal: PT1H\n',
      path: 'objectives.goal',
      message: 'unknown field "goal"',
      remedy: 'Remove it, or use one of rto, rpo.',
    },
    {
      name: 'a value that JSON cannot hold',
      text: 'scripts:\n  a:\n    type: lambda\n    functionName: f\n    payload: .nan\n',
      path: 'scripts.a.payload',
      message: 'expected a value that JSON can hold, found the number NaN',
      remedy: 'Write a value that JSON can hold.',
    },
    {
      name: 'an empty text',
      text: 'name: ""\n',
      path: 'name',
      message: 'expected at least 1 character, found the text ""',
      remedy: 'Write at least 1 character.',
    },
    {
      name: 'a protection group of nothing',
      text: 'protectionGroups:\n  - groupId: app\n',
      path: 'protectionGroups[0]',
      message: 'a protection group needs sourceServerIds or tags',
      remedy: 'Add sourceServerIds, tags, or both.',
    },
  ])('is told about $name', ({ text, path, message, remedy }) => {
    const found = findingsOf(`${text}waves: []\n`);
    expect(found.find((finding) => finding.path === path)).toMatchObject({ message, remedy });
    expect(found.find((finding) => finding.path === 'waves')?.message).toBe(
      'expected at least 1 entry, found a list of 0',
    );
  });

  test('hears of its graph as well, in the same list', () => {
    const findings = findingsOf(`waves:
  - waveNumber: 1
    nam: A
    technologies: []
    dependencies: [2]
  - waveNumber: 2
    name: B
    technologies: [{ type: drs, operation: recovery }]
    dependencies: [1, 9]
`);
    expect(findings.map(({ rule, line }) => ({ rule, line }))).toEqual([
      { rule: 'FieldMissing', line: 2 },
      { rule: 'FieldUnknown', line: 3 },
      { rule: 'ValueInvalid', line: 4 },
      { rule: 'WaveDependencyCycle', line: 5 },
      { rule: 'WaveDependencyUnknown', line: 9 },
    ]);
  });

  test('hears of a field that stands twice, with its place', () => {
    expect(findingsOf(`${SOUND}name: a\nname: b\n`)).toEqual([
      {
        level: 'error',
        rule: 'FieldDuplicate',
        path: 'name',
        message: 'the field "name" stands twice in the same mapping',
        remedy: 'Remove one of the two.',
        line: 15,
        column: 1,
      },
    ]);
  });
});

describe('text that is no plan', () => {
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]']
    .concat(
      Array.from('bcdefgh').map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefg'[i]}`).join(', ')}]`),
    )
    .join('\n');

  const mergeBomb = ['a: &a { x: 1 }']
    .concat(
      Array.from('bcdefgh').map(
        (c, i) =>
          `${c}: &${c} { <<: [${Array(9).fill(`*${'abcdefg'[i]}`).join(', ')}], y: [${Array(9).fill(`*${'abcdefg'[i]}`).join(', ')}] }`,
      ),
    )
    .join('\n');

  test.each([
    { name: 'nothing', text: '', message: 'plan.yaml is empty' },
    { name: 'comments alone', text: '# a plan\n', message: 'plan.yaml is empty' },
    {
      name: 'prose',
      text: 'hello',
      message: 'plan.yaml is plain text; a plan is a mapping with the field "waves"',
    },
    {
      name: 'a list',
      text: '- a',
      message: 'plan.yaml is a list; a plan is a mapping with the field "waves"',
    },
    {
      name: 'a tab',
      text: 'a:\n\tb: 1',
      message: 'plan.yaml is not YAML: line 2, column 1: Tabs are not allowed as indentation',
    },
    {
      name: 'two documents',
      text: 'a: 1\n---\nb: 1',
      message: expect.stringContaining('multiple documents'),
    },
    { name: 'an alias of nothing', text: 'a: *b', message: expect.stringContaining('b') },
    { name: 'an alias bomb', text: bomb, message: expect.stringContaining('Excessive alias count') },
    { name: 'a bomb of merges', text: mergeBomb, message: expect.stringContaining('Excessive alias count') },
    { name: 'a pit', text: `a: ${'['.repeat(200_000)}`, message: expect.stringContaining('plan.yaml is ') },
    {
      name: 'too much',
      text: `a: ${'x'.repeat(4 * 1024 * 1024)}`,
      message: 'plan.yaml is larger than 4 MiB',
    },
  ])('is refused as unreadable: $name', ({ text, message }) => {
    const error = errorOf(text);
    expect(error.code).toBe('PlanUnreadable');
    expect(error.message).toEqual(message);
  });
});

describe('whatever the text holds', () => {
  function check(text: string): void {
    try {
      parsePlanText(text, 'plan.yaml');
    } catch (error) {
      if (!isBreakwaterError(error)) throw error;
      const findings = (error.details['findings'] ?? []) as unknown as PlacedFinding[];
      expect(findings.every(({ message, line, column }) => message !== '' && line! > 0 && column! > 0)).toBe(
        true,
      );
    }
  }

  test('it is a plan, or an error with a place for each finding', () => {
    fc.assert(fc.property(fc.string(), (text) => check(text)));
    fc.assert(fc.property(fc.json(), (text) => check(text)));
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('waves', 'scripts', 'tags', 'name'), fc.anything()), (data) =>
        check(JSON.stringify(data)),
      ),
    );
  });

  test('also when a sound plan is damaged in one place', () => {
    const damage = fc.tuple(fc.nat(SOUND.length), fc.nat(8), fc.string({ maxLength: 4 }));
    fc.assert(
      fc.property(damage, ([at, drop, put]) => check(SOUND.slice(0, at) + put + SOUND.slice(at + drop))),
      { numRuns: 500 },
    );
  });
});

describe('a plan file', () => {
  let dir: string;
  beforeEach(async () => void (dir = await mkdtemp(join(tmpdir(), 'plan-file-'))));
  afterEach(() => rm(dir, { recursive: true }));

  test('is read', async () => {
    await writeFile(join(dir, 'plan.yaml'), SOUND);
    expect((await readPlanFile(join(dir, 'plan.yaml'))).plan.waves[0]?.name).toBe('Database Tier');
  });

  test.each([
    { name: 'a missing file', make: async () => {}, why: 'does not exist' },
    { name: 'a directory', make: (path: string) => mkdir(path), why: 'is a directory' },
    {
      name: 'a binary file',
      make: (path: string) => writeFile(path, Buffer.from([80, 0, 1])),
      why: 'is a binary file',
    },
    {
      name: 'a file in another encoding',
      make: (path: string) => writeFile(path, Buffer.from([0xe9, 0x74])),
      why: 'is not UTF-8 text',
    },
    {
      name: 'a huge file',
      make: (path: string) => writeFile(path, 'a'.repeat(4 * 1024 * 1024 + 1)),
      why: 'is larger than 4 MiB',
    },
  ])('cannot be $name', async ({ make, why }) => {
    const path = join(dir, 'plan.yaml');
    await make(path);
    await expect(readPlanFile(path)).rejects.toSatisfy(
      (error) => hasCode(error, 'PlanUnreadable') && error.message === `${path} ${why}`,
    );
  });

  test('that never ends is not read to its end', async () => {
    await expect(readPlanFile('/dev/zero')).rejects.toSatisfy((error) => hasCode(error, 'PlanUnreadable'));
  });
});
