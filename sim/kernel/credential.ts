import { MODELS } from './codec/models.ts';
import type { ServiceModel } from './codec/model.ts';
import type { WireRequest } from './codec/wire.ts';

/** What the Authorization header of a request says: who signed it, for which service in which Region. */
export interface Credential {
  readonly accessKeyId: string;
  /** `20260301`. */
  readonly date: string;
  readonly region: string;
  readonly signingName: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly model: ServiceModel | undefined;
}

const ALGORITHM = 'AWS4-HMAC-SHA256 ';

/** `null` if the request is not signed with Signature Version 4. */
export function readCredential({ headers }: WireRequest): Credential | null {
  const header = headers['authorization'];
  if (header === undefined || !header.startsWith(ALGORITHM)) return null;
  const parts: Record<string, string> = {};
  for (const part of header.slice(ALGORITHM.length).split(',')) {
    const equals = part.indexOf('=');
    parts[part.slice(0, equals).trim()] = part.slice(equals + 1).trim();
  }
  const [accessKeyId, date, region, signingName] = (parts['Credential'] ?? '').split('/');
  if (accessKeyId === undefined || date === undefined || region === undefined || signingName === undefined)
    return null;
  return {
    accessKeyId,
    date,
    region,
    signingName,
    signedHeaders: (parts['SignedHeaders'] ?? '').split(';'),
    signature: parts['Signature'] ?? '',
    model: MODELS.get(signingName),
  };
}
