import { expect, test } from 'vitest';
import { RateLimiter } from './rate-limits.ts';

const call = {
  service: 'route53',
  operation: 'ListHostedZones',
  accountId: '111111111111',
  region: 'global',
};

function admitted(limiter: RateLimiter, times: number, where: Partial<typeof call> = {}, now = 0): number {
  let count = 0;
  for (let index = 0; index < times; index++) {
    if (limiter.admit({ ...call, ...where }, { isRead: true, now })) count++;
  }
  return count;
}

test('Route 53 takes five requests a second for the whole account', () => {
  const limiter = new RateLimiter({});

  expect(admitted(limiter, 10)).toBe(5);
  expect(admitted(limiter, 10, { operation: 'GetChange' })).toBe(0);
  expect(admitted(limiter, 10, { accountId: '222222222222' })).toBe(5);
  expect(admitted(limiter, 10, {}, 400)).toBe(2);
});

test('EC2 limits reads and writes apart, and some operations by themselves', () => {
  const limiter = new RateLimiter({});
  const ec2 = { service: 'ec2', region: 'us-west-2' };

  expect(admitted(limiter, 200, { ...ec2, operation: 'DescribeInstances' })).toBe(100);
  expect(admitted(limiter, 10, { ...ec2, operation: 'StartInstances' })).toBe(5);
  expect(limiter.admit({ ...call, ...ec2, operation: 'StopInstances' }, { isRead: false, now: 0 })).toBe(
    true,
  );
});

test('a scenario may lift the limits of a service', () => {
  expect(admitted(new RateLimiter({ route53: null }), 50)).toBe(50);
});
