import { describe, expect, test } from 'vitest';
import { hasTags, readDrTags } from './tags.ts';

describe('readDrTags', () => {
  test('reads all five tags of the specification', () => {
    const tags = {
      'DR-Enabled': 'true',
      'DR-Tier': 'web',
      'DR-Wave': '3',
      'DR-Technology': 'drs',
      'DR-Priority': 'low',
      Name: 'x',
    };
    expect(readDrTags(tags)).toEqual({
      values: { enabled: true, tier: 'web', wave: 3, technology: 'drs', priority: 'low' },
      problems: [],
    });
  });

  test('a resource without tags is not enabled and has medium priority', () => {
    expect(readDrTags({})).toEqual({ values: { enabled: false, priority: 'medium' }, problems: [] });
  });

  test('a value that the schema does not allow is named and counts as missing', () => {
    const { values, problems } = readDrTags({
      'DR-Enabled': 'yes',
      'DR-Wave': '0',
      'DR-Technology': 'vmware',
    });
    expect(values).toEqual({ enabled: false, priority: 'medium' });
    expect(problems).toHaveLength(3);
    expect(problems.find((problem) => problem.startsWith('DR-Wave'))).toBe(
      'DR-Wave is "0": expected a wave number such as 2',
    );
  });
});

describe('hasTags', () => {
  test('every wanted tag must be there with its value', () => {
    expect(hasTags({ a: '1', b: '2' }, { a: '1' })).toBe(true);
    expect(hasTags({ a: '1' }, { a: '1', b: '2' })).toBe(false);
    expect(hasTags({ a: '1' }, { a: '2' })).toBe(false);
  });
});
