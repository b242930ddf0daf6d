import { expect, test } from 'vitest';
import { jitterOf } from './jitter.ts';

test('jitter is spread over [0, 1), the same for the same name, and another for another', () => {
  const draw = (name: string): number[] => Array.from({ length: 1_000 }, jitterOf(name));
  const numbers = draw('exec-1');
  expect(numbers).toEqual(draw('exec-1'));
  expect(numbers[0]).not.toBe(draw('exec-2')[0]);
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  expect(numbers.filter((number) => number < 0.5).length).toBeGreaterThan(400);
  expect(numbers.filter((number) => number < 0.5).length).toBeLessThan(600);
});
