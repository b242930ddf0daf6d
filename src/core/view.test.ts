import { expect, test } from 'vitest';
import { GATE_ACTIONS } from './view.ts';

test('nobody acts at a dependencies gate, and every other gate can be left for good and for bad', () => {
  expect(GATE_ACTIONS).toEqual({
    dependencies: [],
    pause: ['resume', 'cancel'],
    decision: ['retry', 'skip', 'cancel'],
    approval: ['approve', 'reject', 'cancel'],
  });
});
