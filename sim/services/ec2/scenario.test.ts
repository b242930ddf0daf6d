import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { service } from './index.ts';

test('the scenario section in the README is accepted, and every operation is named there', async () => {
  const readme = await readFile(new URL('./README.md', import.meta.url), 'utf8');
  const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(readme) ?? [];

  expect(service.scenario!.safeParse(parse(yaml).ec2)).toMatchObject({ success: true });
  const missing = Object.keys(service.operations).filter((name) => !readme.includes(`\`${name}\``));
  expect(missing).toEqual([]);
});

test('a section that gives an id twice is refused', () => {
  const section = { instances: [{ id: 'i-0aaaaaaaaaaaaaaaa' }, { id: 'i-0aaaaaaaaaaaaaaaa' }] };
  expect(service.scenario!.safeParse(section)).toMatchObject({
    success: false,
    error: { issues: [{ path: ['instances'], message: 'expected each id once' }] },
  });
});
