import { createHash, createHmac, randomBytes } from 'node:crypto';

/** Makes new ids: 17 hexadecimal digits behind a prefix, as AWS does. With a seed the same ids come again in the same order. */
export function idSource(seed?: number): (prefix: string) => string {
  let count = 0;
  return (prefix) => {
    const digits = seed === undefined ? randomBytes(9).toString('hex') : sha256(`${seed}/${count++}`);
    return `${prefix}${digits.slice(0, 17)}`;
  };
}

/** SHA-256 of a text, in hexadecimal digits. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** 32 random bytes as text that fits into a URL. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** HMAC-SHA-256 of a text, in hexadecimal digits. */
export function hmacSha256(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}
