import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import path from 'node:path';
import { expect, test } from 'vitest';
import { begin, breakwater, jsonLines, temporaryFolder, type Running } from './support/breakwater.ts';
import { estateWith, EXAMPLE, write } from './support/estates.ts';

/** Starts the simulated AWS, and gives the variables that it says to set. */
async function simulate(
  scenario: string,
  speed: number,
): Promise<{ simulator: Running; environment: Record<string, string> }> {
  const simulator = begin(['simulate', '--scenario', scenario, '--speed', String(speed)]);
  const [lines] = await simulator.until(/(export \w+=\S+\n){4}/);
  const environment = Object.fromEntries(
    [...lines.matchAll(/^export (\w+)=(\S+)$/gm)].map(([, name, value]) => [name!, value!]),
  );
  return { simulator, environment };
}

const PLAN = `name: Traffic
region: us-west-2
waves:
  - waveNumber: 1
    name: Traffic
    technologies:
      - type: infrastructure
        operation: dns_update
        resources:
          route53Records: [{ recordName: app.company.com, newValue: recovered-lb.elb.amazonaws.com }]
`;

test('a second process recovers on the simulated AWS with the variables that the first prints', async () => {
  const folder = temporaryFolder();
  const { simulator, environment } = await simulate(EXAMPLE.estate, 600);
  expect(environment).toEqual({
    AWS_ENDPOINT_URL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as unknown,
    AWS_ACCESS_KEY_ID: 'AKIASIMU111122223333',
    AWS_SECRET_ACCESS_KEY: 'secret-of-111122223333',
    AWS_DEFAULT_REGION: 'us-west-2',
  });
  const run = ['run', write(folder, 'plan.yaml', PLAN), '--recovery', '--yes', '--json'];
  const first = await breakwater([...run, '--data-dir', path.join(folder, 'data')], { environment });
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(jsonLines(first.stdout).at(-1)).toMatchObject({ result: { status: 'completed', outcome: 'clean' } });

  const { code, signal, stderr } = await simulator.kill('SIGTERM');
  expect({ code, signal }).toEqual({ code: 0, signal: null });
  expect(stderr).toMatch(/^Simulated AWS listens on http:\S+, 600× real time\. Ctrl-C stops it\.\n$/);
});

test('credentials that have expired are named as such, and nothing begins', async () => {
  const folder = temporaryFolder();
  const scenario = estateWith(
    folder,
    'name: core-banking-production\n',
    'name: core-banking-production\n    roles: [{ name: Operator }]\n',
  );
  // A session of 15 minutes is over after 0.9 ms.
  const { environment } = await simulate(scenario, 1_000_000);
  const sts = new STSClient({
    endpoint: environment['AWS_ENDPOINT_URL']!,
    region: 'us-west-2',
    credentials: { accessKeyId: 'AKIASIMU111122223333', secretAccessKey: 'secret-of-111122223333' },
  });
  const { Credentials: session } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: 'arn:aws:iam::111122223333:role/Operator',
      RoleSessionName: 'test',
      DurationSeconds: 900,
    }),
  );
  sts.destroy();
  const dataDir = path.join(folder, 'data');
  const { code, output } = await breakwater(
    ['run', write(folder, 'plan.yaml', PLAN), '--drill', '--data-dir', dataDir],
    {
      environment: {
        ...environment,
        AWS_ACCESS_KEY_ID: session!.AccessKeyId!,
        AWS_SECRET_ACCESS_KEY: session!.SecretAccessKey!,
        AWS_SESSION_TOKEN: session!.SessionToken!,
      },
    },
  );
  expect(output).toMatch(/^ValidationFailed: .* cannot run: 1 error\n/);
  expect(output).toMatch(/plan\.yaml:7:\d+ +error +AwsCredentialsExpired\n/);
  expect(output).toContain('→ Renew the AWS credentials and retry.');
  expect(code).toBe(1);
  const { stdout } = await breakwater(['executions', 'list', '--data-dir', dataDir]);
  expect(stdout).toBe('There are no executions here.\n');
});
