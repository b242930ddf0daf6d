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
    { given: { apiKeys: ['soc', 'soc'] }, at: 'apiKeys[1]' },
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
    { given: { account: '999999999999', roles: { ...roles } }, at: 'roles.adapter-drs' },
    { given: { account: '1' }, at: 'account' },
    { given: { region: 'frankfurt' }, at: 'region' },
    { given: { logDays: 31 }, at: 'logDays' },
    { given: { replica: { region: 'eu-west-1', keyArn: 'arn:aws:kms:eu-west-1:1:key/1' } }, at: 'replica' },
    { given: { tablePrefix: 'my tables/' }, at: 'tablePrefix' },
    { given: { targetRole: '' }, at: 'targetRole' },
    { given: { targetRole: 'arn:aws:iam::111122223333:role/X' }, at: 'targetRole' },
    { given: { externalId: 'a b' }, at: 'externalId' },
  ])('are refused with their place: $at of $given', ({ given, at }) => {
    const file = fileOf(JSON.stringify(given));
    expect(() => readSettings(file)).toThrow(`settings.json is not right:\n  - `);
    expect(() => readSettings(file)).toThrow(`\n  - ${at}: `);
  });

  const place = { account: '111122223333', region: 'eu-west-1' };
  const keyArn = 'arn:aws:kms:eu-west-1:111122223333:key/1';
  test.each([
    {
      given: { regoin: 'eu-west-1' },
      says: 'regoin: unknown field "regoin". Did you mean "region"?',
    },
    {
      given: { account: 111122223333 },
      says: 'account: expected text, found the number 111122223333. Put it in quotes: "111122223333".',
    },
    {
      given: { logDays: 100 },
      says: 'logDays: expected one of 30, 60, 90, 180, 365, 731, found the number 100. Write one of 30, 60, 90, 180, 365, 731.',
    },
    { given: { apiKeys: ['soc', 'soc'] }, says: 'apiKeys[1]: "soc" comes twice. Name each key once.' },
    {
      given: { standby: true },
      says: 'standby: a standby needs account and region. Name "account" and "region" beside it.',
    },
    {
      given: { ...place, replica: { region: 'eu-central-1', keyArn } },
      says: 'replica.keyArn: this key is in eu-west-1, and the replica in eu-central-1. Name a key in eu-central-1.',
    },
    {
      given: { triggers: { disasterPatterns: { 'region down': { source: ['aws.health'] } } } },
      says: 'triggers.disasterPatterns["region down"]: expected a name of 1 to 40 letters, digits, ., _ and -, found the text "region down". Write a name of 1 to 40 letters, digits, ., _ and -.',
    },
    {
      given: { triggers: { disasterPatterns: { 'a-b': { source: ['x'] }, 'a.b': { source: ['y'] } } } },
      says: 'triggers.disasterPatterns["a.b"]: differs from a-b in ., _ and - alone, which CloudFormation cannot tell apart. Name one of the two triggers otherwise.',
    },
  ])('say what was found, what is expected, and what to do: $given', ({ given, says }) => {
    expect(() => readSettings(fileOf(JSON.stringify(given)))).toThrow(
      `settings.json is not right:\n  - ${says}`,
    );
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
