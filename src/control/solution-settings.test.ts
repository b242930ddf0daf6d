import { expect, test } from 'vitest';
import { schemaFindings } from '#core/schema-findings.ts';
import { Settings } from './settings.ts';

const TOKEN = { type: 'token', env: 'BREAKWATER_SOLUTION_CORE' };
const SOUND = { url: 'https://dr.example.com/prod', kind: 'drs-orchestration', auth: TOKEN };

test.each([
  { name: 'the public solution with a token', solution: SOUND },
  {
    name: 'another Breakwater on AWS',
    solution: { ...SOUND, kind: 'breakwater', auth: { type: 'iam', region: 'us-west-2' } },
  },
  { name: 'the public solution by IAM', solution: { ...SOUND, auth: { type: 'iam', region: 'us-west-2' } } },
  {
    name: 'another Breakwater on this machine',
    solution: { ...SOUND, url: 'http://127.0.0.1:8081', kind: 'breakwater' },
  },
])('settings take $name', ({ solution }) => {
  expect(Settings.parse({ solutions: { 'core-dr': solution } }).solutions['core-dr']).toEqual(solution);
});

test.each([
  {
    name: 'http to another machine',
    solution: { ...SOUND, url: 'http://dr.example.com' },
    at: 'url',
    says: 'expected https',
  },
  {
    name: 'the metadata of the machine',
    solution: { ...SOUND, url: 'https://169.254.169.254' },
    at: 'url',
    says: 'metadata',
  },
  {
    name: 'a URL with a password',
    solution: { ...SOUND, url: 'https://a:b@dr.example.com' },
    at: 'url',
    says: 'password',
  },
  {
    name: 'a URL with a query',
    solution: { ...SOUND, url: 'https://dr.example.com/?a=1' },
    at: 'url',
    says: 'without ? and #',
  },
  {
    name: 'any other variable of the environment',
    solution: { ...SOUND, auth: { type: 'token', env: 'AWS_SECRET_ACCESS_KEY' } },
    at: 'auth.env',
    says: 'begins with BREAKWATER_SOLUTION_',
  },
  {
    name: 'a token itself',
    solution: { ...SOUND, auth: { type: 'token', token: 'bwt_1' } },
    at: 'auth.token',
    says: 'unknown field "token"',
  },
])('settings refuse $name', ({ solution, at, says }) => {
  const findings = schemaFindings(Settings, { solutions: { core: solution } });
  expect(findings.map(({ path, message }) => ({ path, message }))).toContainEqual({
    path: `solutions.core.${at}`,
    message: expect.stringContaining(says),
  });
});
