import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findOperation, OPERATIONS } from './registry.ts';
import type { OperationCase } from './testing/operation-case.ts';

const here = new URL('.', import.meta.url);
const caseFiles = readdirSync(here, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.cases.ts'))
  .sort();
const cases = (
  await Promise.all(
    caseFiles.map(async (file) => {
      const module = (await import(new URL(file, here).href)) as { cases: readonly OperationCase[] };
      return module.cases;
    }),
  )
).flat();

test('there are these operations', () => {
  expect(OPERATIONS.map(({ technology, operation }) => `${technology}/${operation}`)).toEqual([
    'drs/recovery',
    'drs/terminate',
    'database/failover',
    'application/scripts',
    'infrastructure/dns_update',
    'infrastructure/target_registration',
  ]);
});

test.each(
  OPERATIONS.map((operation) => ({ name: `${operation.technology}/${operation.operation}`, operation })),
)('$name has cases for the generic tests', ({ operation }) => {
  const own = cases.filter(
    (given) =>
      given.operation.technology === operation.technology &&
      given.operation.operation === operation.operation,
  );
  expect(own.length).toBeGreaterThan(0);
});

test.each(caseFiles)('%s is put to the generic tests by a test beside it', (file) => {
  const folder = new URL(file, here);
  const tests = readdirSync(new URL('.', folder)).filter((name) => name.endsWith('.test.ts'));
  const texts = tests.map((name) => readFileSync(new URL(name, folder), 'utf8'));
  const name = file.slice(file.lastIndexOf('/') + 1);
  expect(texts.some((text) => text.includes(`'./${name}'`) && text.includes('testOperation('))).toBe(true);
});

test.each([
  { type: 'database', operation: 'failover' },
  { type: 'infrastructure', operation: 'dns_update' },
])('$type/$operation is found', ({ type, operation }) => {
  expect(findOperation(type, operation)).toMatchObject({ technology: type, operation });
});

test('an unknown operation is refused with the list and the one that may be meant', () => {
  expect(() => findOperation('database', 'failovr')).toThrow(
    expect.objectContaining({
      code: 'OperationUnknown',
      message:
        'there is no operation database/failovr; there are drs/recovery, drs/terminate, database/failover, application/scripts, infrastructure/dns_update, infrastructure/target_registration; did you mean database/failover?',
    }),
  );
});

test('an unknown operation that is like none is refused with the list alone', () => {
  expect(() => findOperation('x', 'y')).toThrow(/target_registration$/);
});

test('a drill leaves alone whatever moves production', () => {
  const policies = Object.fromEntries(
    OPERATIONS.map((one) => [`${one.technology}/${one.operation}`, one.drillDefault]),
  );
  expect(policies).toMatchObject({
    'drs/recovery': 'perform',
    'database/failover': 'assess',
    'application/scripts': 'perform',
    'infrastructure/dns_update': 'assess',
    'infrastructure/target_registration': 'assess',
  });
});

test('every operation says which IAM actions it needs', () => {
  for (const { iamActions } of OPERATIONS) {
    expect(iamActions.length).toBeGreaterThan(0);
    for (const action of iamActions) expect(action).toMatch(/^[a-z0-9]+:[A-Z][A-Za-z0-9]+$/);
  }
});
