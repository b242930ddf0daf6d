import { describe, expect, test } from 'vitest';
import { readScenario } from './read-scenario.ts';
import { parseScenario, ScenarioError } from './scenario.ts';
import { TEST_SERVICES } from './testing.ts';

const SMALLEST = `
name: smallest
startsAt: 2026-03-01T10:00:00Z
accounts: [{ accountId: 012345678901 }]
`;

test('the smallest scenario is a name, a time and an account', () => {
  expect(readScenario(SMALLEST, TEST_SERVICES)).toMatchObject({
    name: 'smallest',
    seed: 1,
    startsAt: Date.parse('2026-03-01T10:00:00Z'),
    accounts: [{ accountId: '012345678901', roles: [], regions: {} }],
    faults: [],
    rateLimits: {},
  });
});

test('all problems are reported at once, each with path, value, expectation, line and column', () => {
  const problems = problemsOf(`
name: bad
startsAt: tomorrow
colour: red
accounts:
  - accountId: '123'
    roles: [{ name: R, denies: [everything] }]
    regions:
      us-west-2:
        ssm: { parameters: { a: 1 } }
        sms: {}
faults:
  - { fault: flood }
  - { fault: throttle, after: soon }
`);

  expect(problems.map(({ path, line, column }) => `${line}:${column} ${path}`)).toEqual([
    '3:11 startsAt',
    '4:9 colour',
    '6:16 accounts[0].accountId',
    '7:33 accounts[0].roles[0].denies[0]',
    '10:33 accounts[0].regions.us-west-2.ssm.parameters.a',
    '11:14 accounts[0].regions.us-west-2.sms',
    '13:14 faults[0].fault',
    '14:31 faults[1].after',
  ]);
  expect(problems.find(({ path }) => path === 'faults[0].fault')).toMatchObject({
    value: '"flood"',
    expected: expect.stringMatching(/^expected one of .*throttle/),
  });
  expect(problems.find(({ path }) => path === 'faults[1].after')).toMatchObject({
    value: '"soon"',
    expected: 'expected an ISO 8601 duration such as PT30S',
  });
  expect(problems.find(({ path }) => path.endsWith('sms'))).toMatchObject({
    expected: 'sms is not known here',
  });
});

test('merge keys bring in the members of another mapping, and own members win', () => {
  const scenario = readScenario(
    `name: x
accounts:
  - &one
    accountId: '111111111111'
    denies: [ssm:PutParameter]
  - <<: *one
    accountId: '222222222222'
`,
    TEST_SERVICES,
  );
  expect(scenario.accounts).toMatchObject([
    { accountId: '111111111111', denies: ['ssm:PutParameter'] },
    { accountId: '222222222222', denies: ['ssm:PutParameter'] },
  ]);
});

test('services and operations that do not exist are refused wherever they are named', () => {
  const problems = problemsOf(`
name: bad
startsAt: 2026-03-01T10:00:00Z
accounts: [{ accountId: '111111111111', denies: ['ssm:PutParameter', 'ssm:Fly', 's3:*'] }]
faults:
  - { fault: throttle, service: s3 }
  - { fault: throttle, service: ssm, operation: Fly }
  - { fault: throttle, operation: AssumeRole }
  - { fault: throttle, operation: Fly }
rateLimits: { s3: null, ssm: { all: { perSecond: 0, burst: 1 } } }
`);

  expect(problems.map(({ path, expected }) => `${path}: ${expected}`)).toEqual([
    'accounts[0].denies[1]: expected service:Operation or service:*, with an operation that is simulated',
    'accounts[0].denies[2]: expected service:Operation or service:*, with an operation that is simulated',
    'faults[0].service: expected one of ssm, sts',
    'faults[1].operation: expected an operation that ssm simulates',
    'faults[3].operation: expected an operation that a service simulates',
    'rateLimits.s3: expected one of ssm, sts',
    'rateLimits.ssm.all.perSecond: Too small: expected number to be >0',
  ]);
});

test('a member that is missing is placed where it should be', () => {
  expect(problemsOf('name: x\naccounts: []\nstartsAt: 2026-03-01T10:00:00Z\n')).toMatchObject([
    { path: 'accounts', line: 2, column: 11 },
  ]);
  expect(problemsOf('accounts: [{}]')).toMatchObject([
    { path: 'name', line: 1 },
    { path: 'accounts[0].accountId', line: 1, column: 12 },
  ]);
});

describe('files that are no scenario', () => {
  test.each([
    { what: 'an empty file', text: '' },
    { what: 'a list', text: '- a' },
    { what: 'a sentence', text: 'hello there' },
    { what: 'broken YAML', text: 'name: "x' },
    { what: 'a bomb of aliases', text: bomb() },
  ])('$what', ({ text }) => {
    expect(problemsOf(text).length).toBeGreaterThan(0);
  });
});

test('an account is described once', () => {
  const accounts = [{ accountId: '111111111111' }, { accountId: '111111111111' }];

  expect(() =>
    parseScenario({ name: 'x', startsAt: '2026-03-01T10:00:00Z', accounts }, TEST_SERVICES),
  ).toThrow('accounts[1].accountId: expected each account once, but it is "111111111111"');
});

function problemsOf(text: string) {
  try {
    readScenario(text, TEST_SERVICES);
  } catch (error) {
    expect(error).toBeInstanceOf(ScenarioError);
    return (error as ScenarioError).problems;
  }
  return expect.fail('expected problems');
}

function bomb(): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 9; level++) {
    lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]`);
  }
  return lines.join('\n');
}
