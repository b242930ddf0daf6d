import { expect, test } from 'vitest';
import { assessActions } from '#adapters/policy.ts';
import { OPERATIONS } from '#adapters/registry.ts';
import { adapter as application } from './adapter-application.ts';
import { adapter as database } from './adapter-database.ts';
import { adapter as drs } from './adapter-drs.ts';
import { adapter as infrastructure } from './adapter-infrastructure.ts';
import type { Adapter } from './services.ts';
import { adapter as waveController } from './wave-controller.ts';

const ADAPTERS = [
  { name: 'application', adapter: application },
  { name: 'database', adapter: database },
  { name: 'drs', adapter: drs },
  { name: 'infrastructure', adapter: infrastructure },
];

const prefixesOf = (actions: readonly string[]): string[] =>
  [...new Set(actions.map((action) => action.split(':')[0]!))].sort();

const given = ({ services }: Adapter): string[] =>
  Object.values(services)
    .map(({ iamPrefix }) => iamPrefix)
    .sort();

// That an operation declares exactly the actions that it calls, `iam-actions.test.ts` proves.
test.each(ADAPTERS)('$name is given the services that its operations call, and no other', ({ adapter }) => {
  expect(given(adapter)).toEqual(prefixesOf(adapter.operations.flatMap(({ iamActions }) => iamActions)));
});

test('the wave controller is given the services that assessing calls, and no other', () => {
  expect(given(waveController)).toEqual(prefixesOf(assessActions(OPERATIONS)));
});

test('every operation has its adapter', () => {
  expect(new Set(ADAPTERS.flatMap(({ adapter }) => adapter.operations))).toEqual(new Set(OPERATIONS));
});
