import { expect, test } from 'vitest';
import { begin, breakwater, temporaryFolder } from './support/breakwater.ts';
import { EXAMPLE } from './support/estates.ts';

interface Report {
  readonly status: string;
  readonly checks: readonly { readonly group: string; readonly name: string; readonly status: string }[];
}

test('doctor --aws finds a simulated AWS as it is: what it has is well, what it has not is named, and nothing has failed', async () => {
  const simulator = begin(['simulate', '--scenario', EXAMPLE.estate, '--json']);
  const [line] = await simulator.until(/^\{.*\}\n/);
  const { environment } = JSON.parse(line) as { environment: Record<string, string> };
  const { code, stdout } = await breakwater(
    ['doctor', '--aws', '--json', '--data-dir', `${temporaryFolder()}/data`],
    { environment },
  );
  await simulator.kill('SIGTERM');
  const { checks, status } = JSON.parse(stdout) as Report;
  const named = (wanted: string): string[] =>
    checks.filter((check) => check.status === wanted).map(({ group, name }) => `${group}: ${name}`);
  expect([code, named('failed')]).toEqual([0, []]);
  expect(status).toMatch(/ok|warning/);
  expect(named('ok')).toEqual(
    expect.arrayContaining([
      'credentials: who am I',
      'reach: all services',
      'clock: against AWS',
      'quotas: DRS, us-west-2',
      'quotas: Lambda, us-west-2',
    ]),
  );
  expect(named('not_simulated')).toEqual(
    expect.arrayContaining([
      'records: target-accounts',
      'state machines: breakwater-recovery',
      'functions: breakwater-api',
      'quotas: Step Functions, us-west-2',
      'target accounts: in the records',
    ]),
  );
});

test('doctor --aws without credentials says so once, and looks at nothing that needs them', async () => {
  const environment = {
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
  const { code, stdout } = await breakwater(
    ['doctor', '--aws', '--json', '--data-dir', `${temporaryFolder()}/data`],
    { environment },
  );
  const { checks } = JSON.parse(stdout) as Report;
  expect(JSON.stringify(checks)).toContain('Configure AWS credentials: environment, profile or role.');
  expect(stdout).not.toContain('--scenario');
  const failed = checks
    .filter(({ status }) => status === 'failed')
    .map(({ group, name }) => `${group}: ${name}`);
  expect([code, failed]).toEqual([
    1,
    [
      'credentials: who am I',
      'reach: all services',
      'clock: against AWS',
      'control account: everything in it',
    ],
  ]);
});
