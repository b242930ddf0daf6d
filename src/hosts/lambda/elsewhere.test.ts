import { expect, test } from 'vitest';
import { outgoingFetch } from '../outgoing-fetch.ts';
import { elsewhere } from './elsewhere.ts';
import { lambdaPlace } from './place.ts';

const place = lambdaPlace({ AWS_REGION: 'eu-west-1' }, {});

test.each(['127.0.0.1', '127.8.8.8', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]'])(
  "nothing goes to the function's own machine: %s",
  async (host) => {
    const asked = outgoingFetch({ rule: elsewhere(place) })(`http://${host}:9001/`);
    await expect(asked).rejects.toMatchObject({
      name: 'RequestInvalid',
      message: expect.stringMatching(/ is the machine of this function, where nobody listens$/),
    });
  },
);

test('a name that leads to it is no way around', () => {
  expect(elsewhere(place)('hooks.example.com', ['192.0.2.7', '127.0.0.1'])).toBe(
    'hooks.example.com is the machine of this function, where nobody listens',
  );
});

test('a host elsewhere is asked, and on a simulated AWS this machine, too', () => {
  expect(elsewhere(place)('hooks.example.com', ['192.0.2.7'])).toBeNull();
  expect(elsewhere({ ...place, simulated: true })('127.0.0.1', ['127.0.0.1'])).toBeNull();
});
