import { createDiffieHellmanGroup, createHash, createHmac, randomBytes } from 'node:crypto';

/*
 * The other side of SRP (RFC 5054, 2.6), as a user pool would have it: it keeps a verifier and no password. It shares no code with the
 * client; the prime is that of OpenSSL.
 */
const N = BigInt(`0x${createDiffieHellmanGroup('modp15').getPrime('hex')}`);

const power = (base: bigint, exponent: bigint): bigint => {
  if (exponent === 0n) return 1n;
  const half = power(base, exponent / 2n);
  return (half * half * (exponent % 2n === 1n ? base : 1n)) % N;
};
/** As Java writes a number, whose first bit is its sign. */
const signed = (value: bigint): Buffer => {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return bytes[0]! > 127 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
};
const sha256 = (...parts: (Buffer | string)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const number = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`);

interface Known {
  readonly poolName: string;
  readonly userId: string;
  readonly password: string;
}

/** One sign-in of one person. */
export function srpServer({ poolName, userId, password }: Known) {
  const salt = number(randomBytes(16));
  const x = number(sha256(signed(salt), sha256(`${poolName}${userId}:${password}`)));
  const verifier = power(2n, x);
  const b = number(randomBytes(128));
  const k = number(sha256(signed(N), signed(2n)));
  const B = (k * verifier + power(2n, b)) % N;
  const secretBlock = randomBytes(64);
  let key = Buffer.alloc(0);
  return {
    challenge(srpA: string): Record<string, string> {
      const A = BigInt(`0x${srpA}`);
      const u = number(sha256(signed(A), signed(B)));
      const shared = power((A * power(verifier, u)) % N, b);
      const prk = createHmac('sha256', signed(u)).update(signed(shared)).digest();
      key = createHmac('sha256', prk).update('Caldera Derived Key\x01').digest().subarray(0, 16);
      return {
        USER_ID_FOR_SRP: userId,
        SALT: salt.toString(16),
        SRP_B: B.toString(16),
        SECRET_BLOCK: secretBlock.toString('base64'),
      };
    },
    believes(response: Readonly<Record<string, string>>): boolean {
      const { TIMESTAMP: at = '', USERNAME, PASSWORD_CLAIM_SECRET_BLOCK: block } = response;
      const proof = createHmac('sha256', key)
        .update(poolName + userId)
        .update(secretBlock)
        .update(at);
      return (
        USERNAME === userId &&
        block === secretBlock.toString('base64') &&
        Math.abs(Date.parse(at) - Date.now()) < 60_000 &&
        response['PASSWORD_CLAIM_SIGNATURE'] === proof.digest('base64')
      );
    },
  };
}
