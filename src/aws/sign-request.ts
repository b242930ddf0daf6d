import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentials } from './service-spec.ts';

export interface SignParams {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
  /** Such as `execute-api`: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html */
  readonly service: string;
  readonly region: string;
  readonly credentials: AwsCredentials;
  /** More that is signed; names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Real time, ms since 1970. */
  readonly now: number;
}

/**
 * The headers that sign a request to an API of one's own behind API Gateway (services of AWS are called by `createAws`), by the signer
 * of the SDK. The hash of the body is signed, and sent in no header of its own: whoever checks makes it of the body.
 */
export async function signRequest(params: SignParams): Promise<Record<string, string>> {
  const { method, url, body, service, region, credentials, now } = params;
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256, applyChecksum: false });
  const request = {
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: queryOf(url),
    headers: { ...params.headers, host: url.host },
    body,
  };
  const { headers } = await signer.sign(request, { signingDate: new Date(now) });
  const { host: _, ...sent } = headers;
  return sent;
}

function queryOf({ searchParams }: URL): Record<string, string[]> {
  return Object.fromEntries([...searchParams.keys()].map((key) => [key, searchParams.getAll(key)]));
}

/** What the signer hashes with: of `node:crypto`, and with a secret the HMAC. */
class Sha256 {
  readonly #secret: string | Uint8Array | undefined;
  #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = secret as string | Uint8Array | undefined;
    this.#hash = this.#begin();
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    this.#hash = this.#begin();
  }

  #begin(): Hash | Hmac {
    return this.#secret === undefined ? createHash('sha256') : createHmac('sha256', this.#secret);
  }
}
