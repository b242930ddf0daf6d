import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { FUNCTIONS } from '../src/function-names.ts';
import { readSettings, ROLE_NAMES, Settings } from '../src/settings.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'breakwater-settings-'));

/** A file with this text. */
function fileOf(text: string): string {
  const file = path.join(folder, 'settings.json');
  writeFileSync(file, text);
  return file;
}

const roles = Object.fromEntries(
  ROLE_NAMES.map((name) => [name, `arn:aws:iam::111122223333:role/breakwater-${name}`]),
);

describe('settings', () => {
  test('may all be left out', () => {
    expect(readSettings(undefined)).toEqual({
      tablePrefix: '',
      standby: false,
      targetRole: 'BreakwaterTarget',
      externalId: 'breakwater',
      logDays: 365,
      auth: 'cognito',
      api: true,
      apiKeys: [],
      throttle: { ratePerSecond: 100, burst: 200 },
      waf: true,
      triggers: { disasterPatterns: {} },
      solutionApis: [],
      alarms: { gateMinutes: 60, replicationLagMinutes: 15 },
    });
  });

  test('are read from a file', () => {
    const file = fileOf('{"auth":"iam","throttle":{"burst":7},"apiKeys":["soc"],"waf":false}');
    expect(readSettings(file)).toMatchObject({
      auth: 'iam',
      throttle: { ratePerSecond: 100, burst: 7 },
      apiKeys: ['soc'],
      waf: false,
    });
  });

  test('take a role for every function', () => {
    expect(Settings.parse({ roles }).roles).toEqual(roles);
    expect(FUNCTIONS.filter((name) => !ROLE_NAMES.includes(name))).toEqual([]);
  });

  test.each([
    { given: { auth: 'basic' }, at: 'auth' },
    { given: { standby: true }, at: 'standby' },
    { given: { solutionApis: ['arn:aws:lambda:eu-west-1:111122223333:x'] }, at: 'solutionApis[0]' },
    { given: { api: 'no' }, at: 'api' },
    { given: { apiKeys: ['a b'] }, at: 'apiKeys[0]' },
    { given: { apiKeys: ['soc', 'soc'] }, at: 'apiKeys' },
    { given: { apiKeys: ['soc'], api: false }, at: 'apiKeys' },
    { given: { throttle: { ratePerSecond: 0 } }, at: 'throttle.ratePerSecond' },
    { given: { throttle: { burst: 5_001 } }, at: 'throttle.burst' },
    { given: { waf: 1 }, at: 'waf' },
    {
      given: { triggers: { disasterPatterns: { x: { source: 'aws.health' } } } },
      at: 'triggers.disasterPatterns.x.source',
    },
    { given: { alarmTopic: 'on-call' }, at: 'alarmTopic' },
    { given: { alarms: { gateMinutes: 0 } }, at: 'alarms.gateMinutes' },
    { given: { roles: { ...roles, api: 'breakwater-api' } }, at: 'roles.api' },
    { given: { roles: { ...roles, api: undefined } }, at: 'roles.api' },
    { given: { account: '999999999999', roles: { ...roles } }, at: 'roles["adapter-drs"]' },
    { given: { account: '1' }, at: 'account' },
    { given: { region: 'frankfurt' }, at: 'region' },
    { given: { logDays: 31 }, at: 'logDays' },
    { given: { replica: { region: 'eu-west-1', keyArn: 'arn:aws:kms:eu-west-1:1:key/1' } }, at: 'replica' },
  ])('are refused with their place: $at of $given', ({ given, at }) => {
    const file = fileOf(JSON.stringify(given));
    expect(() => readSettings(file)).toThrow(`settings.json is not right`);
    expect(() => readSettings(file)).toThrow(`→ at ${at}\n`.trimEnd());
  });

  test('that nobody knows are refused by name', () => {
    expect(() => readSettings(fileOf('{"regoin":"eu-west-1"}'))).toThrow('Unrecognized key: "regoin"');
  });

  test('say every problem at once', () => {
    const bad = fileOf('{"auth":"basic","waf":"yes"}');
    expect(() => readSettings(bad)).toThrow(/auth[^]*waf/);
  });
});

describe('a file of settings', () => {
  test('that is not there is named', () => {
    expect(() => readSettings('/nowhere/settings.json')).toThrow(
      '/nowhere/settings.json is not there; --settings takes a JSON file, such as { "region": "eu-central-1" }',
    );
  });

  test('that is a folder cannot be read', () => {
    expect(() => readSettings(folder)).toThrow('cannot be read (EISDIR)');
  });

  test('that is no JSON says so', () => {
    expect(() => readSettings(fileOf('{"auth": "iam",}'))).toThrow(
      /settings\.json is not JSON: .*position 15/,
    );
  });
});
