import { createDiffieHellmanGroup } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { srpClient, type PasswordChallenge } from './srp.ts';

interface Vector {
  readonly poolId: string;
  readonly a: string;
  readonly challenge: PasswordChallenge;
  readonly password: string;
  readonly at: string;
  readonly publicValue: string;
  readonly timestamp: string;
  readonly signature: string;
}

/**
 * What two clients that sign in at the Cognito of AWS made of random sign-ins, both the same: AWS's amazon-cognito-identity-js 6.3.21,
 * and pycognito 2024.5.1. There are short and long values among them, leading zeros, and letters beyond ASCII.
 */
const vectors = JSON.parse(
  readFileSync(path.join(import.meta.dirname, 'testing/srp-vectors.json'), 'utf8'),
) as Vector[];

test.each(vectors)(
  'proves the password as the clients of AWS do: $challenge.userId at $at',
  ({ poolId, a, challenge, password, at, publicValue, timestamp, signature }) => {
    const client = srpClient(poolId, Buffer.from(a, 'hex'));
    expect(client.publicValue).toBe(publicValue);
    expect(client.prove(challenge, password, new Date(at))).toEqual({ timestamp, signature });
  },
);

test('two sign-ins have nothing in common', () => {
  expect(srpClient('eu-west-1_a').publicValue).not.toBe(srpClient('eu-west-1_a').publicValue);
});

test.each([
  { what: 'nothing', serverValue: '0' },
  { what: 'the prime', serverValue: createDiffieHellmanGroup('modp15').getPrime('hex') },
  { what: 'no number', serverValue: '-1' },
  { what: 'no number at all', serverValue: '' },
])('a pool that says $what learns nothing', ({ serverValue }) => {
  const challenge = { ...vectors[0]!.challenge, serverValue };
  expect(() => srpClient('eu-west-1_a').prove(challenge, 'x', new Date(0))).toThrow(
    'the user pool does not keep to the protocol of passwords',
  );
});
