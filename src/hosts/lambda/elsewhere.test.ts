import { expect, test } from 'vitest';
import { elsewhere } from './elsewhere.ts';
import { lambdaPlace } from './place.ts';

const place = lambdaPlace({ AWS_REGION: 'eu-west-1' }, {});

test.each(['127.0.0.1', '127.8.8.8', 'localhost', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1'])(
  "nothing goes to the function's own machine: %s",
  async (host) => {
    await expect(elsewhere(place)(host)).rejects.toMatchObject({
      name: 'RequestInvalid',
      message: `${host} is the machine of this function, where nobody listens`,
    });
  },
);

test('a host elsewhere has its addresses, and on a simulated AWS this machine has, too', async () => {
  expect(await elsewhere(place)('192.0.2.7')).toEqual(['192.0.2.7']);
  expect(await elsewhere({ ...place, simulated: true })('127.0.0.1')).toEqual(['127.0.0.1']);
});
