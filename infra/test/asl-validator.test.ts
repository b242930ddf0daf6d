import { beforeAll, expect, test } from 'vitest';
import validate from 'asl-validator';
import { synthesize, type Template } from './assembly.ts';
import { machineOf } from './machine.ts';

let template: Template;
beforeAll(async () => void (template = (await synthesize()).templates.get('BreakwaterWorkflow')!));

test.each(['recovery', 'technology'])('asl-validator has nothing against %s as it is deployed', (name) => {
  const { isValid, errors } = validate(JSON.parse(machineOf(template, name).substituted) as object);
  expect(errors).toEqual([]);
  expect(isValid).toBe(true);
});

test('asl-validator finds what is wrong', () => {
  const definition = JSON.parse(machineOf(template, 'technology').substituted) as object;
  expect(validate({ ...definition, StartAt: 'Nowhere' }).isValid).toBe(false);
});
