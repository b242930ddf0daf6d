import { createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { BreakwaterError } from '#core/errors.ts';

/*
 * SRP (RFC 5054, its group of 3,072 bits) as Amazon Cognito has it: proves to a user pool that somebody knows a password, and shows the
 * password to nobody. Written down nowhere but in the clients of AWS, whose results the tests hold it against:
 * https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html
 */

/** https://www.rfc-editor.org/rfc/rfc3526#section-4 */
const PRIME = BigInt(
  `0x${[
    'FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD',
    'EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED',
    'EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F',
    '83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B',
    'E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510',
    '15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7',
    'ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C',
    'BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF',
  ].join('')}`,
);
const GENERATOR = 2n;
const MULTIPLIER = hashOf(bytesOf(PRIME), bytesOf(GENERATOR));

/** What the pool says of the challenge `PASSWORD_VERIFIER`. */
export interface PasswordChallenge {
  /** The person, as the pool knows them. */
  readonly userId: string;
  /** Hexadecimal. */
  readonly salt: string;
  readonly serverValue: string;
  /** Base64. */
  readonly secretBlock: string;
}

export interface SrpClient {
  /** `SRP_A`. */
  readonly publicValue: string;
  /** What answers the challenge, at this moment. Throws `SignInFailed` for values by which a pool could pass without knowing anything. */
  prove(challenge: PasswordChallenge, password: string, at: Date): { timestamp: string; signature: string };
}

/** For one sign-in at this pool; `random`: of 128 bytes, for tests. */
export function srpClient(userPoolId: string, random: Uint8Array = randomBytes(128)): SrpClient {
  const poolName = userPoolId.split('_')[1]!;
  const secret = numberOf(random);
  const publicValue = power(GENERATOR, secret);
  return {
    publicValue: publicValue.toString(16),
    prove({ userId, salt, serverValue, secretBlock }, password, at) {
      const server = hexNumber(serverValue);
      if (server % PRIME === 0n) throw strange();
      const scramble = hashOf(bytesOf(publicValue), bytesOf(server));
      if (scramble === 0n) throw strange();
      const identity = createHash('sha256').update(`${poolName}${userId}:${password}`).digest();
      const verified = hashOf(bytesOf(hexNumber(salt)), identity);
      const base = server - MULTIPLIER * power(GENERATOR, verified);
      const shared = power(base, secret + scramble * verified);
      const key = hkdfSync('sha256', bytesOf(shared), bytesOf(scramble), 'Caldera Derived Key', 16);
      const timestamp = timestampOf(at);
      const signature = createHmac('sha256', Buffer.from(key))
        .update(poolName + userId)
        .update(Buffer.from(secretBlock, 'base64'))
        .update(timestamp)
        .digest('base64');
      return { timestamp, signature };
    },
  };
}

/** `base ** exponent`, modulo the prime. */
function power(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, ((base % PRIME) + PRIME) % PRIME];
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % PRIME;
    square = (square * square) % PRIME;
  }
  return result;
}

/** Whole bytes, the first of which has no sign. */
function bytesOf(value: bigint): Buffer {
  const hex = value.toString(16);
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  return Buffer.from(/^[89a-f]/.test(even) ? `00${even}` : even, 'hex');
}

function hashOf(...parts: readonly Uint8Array[]): bigint {
  return numberOf(createHash('sha256').update(Buffer.concat(parts)).digest());
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

function hexNumber(text: string): bigint {
  if (/^[0-9a-f]{1,2048}$/i.test(text)) return BigInt(`0x${text}`);
  throw strange();
}

/** `Tue Nov 3 09:05:07 UTC 2026` */
function timestampOf(at: Date): string {
  const [, day, date, month, year, time] = /^(\w+), (\d+) (\w+) (\d+) ([\d:]+) GMT$/.exec(at.toUTCString())!;
  return `${day} ${month} ${Number(date)} ${time} UTC ${year}`;
}

function strange(): BreakwaterError {
  return new BreakwaterError('SignInFailed', 'the user pool does not keep to the protocol of passwords');
}
