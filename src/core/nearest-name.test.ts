import { describe, expect, test } from 'vitest';
import { nearestName } from './nearest-name.ts';

describe('nearestName', () => {
  const names = ['drs/recovery', 'drs/terminate', 'database/failover'];

  test.each([
    { name: 'drs/recover', nearest: 'drs/recovery' },
    { name: 'DRS/Recovery', nearest: 'drs/recovery' },
    { name: 'databse/failovr', nearest: 'database/failover' },
    { name: 'vmware/snapshot', nearest: null },
    { name: '', nearest: null },
  ])('$name is near $nearest', ({ name, nearest }) => {
    expect(nearestName(name, names)).toBe(nearest);
  });

  test('of several that are near the nearest counts', () => {
    expect(nearestName('pauseAfterWav', ['pauseAfterWaves', 'pauseAfterWave'])).toBe('pauseAfterWave');
  });
});
