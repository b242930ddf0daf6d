import { expect, test } from 'vitest';
import { signRequest } from './sign-request.ts';

/** Published by AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html and its test suite. */
const EXAMPLE = {
  method: 'GET',
  body: '',
  service: 'service',
  region: 'us-east-1',
  credentials: {
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  },
  now: Date.parse('2015-08-30T12:36:00Z'),
};

test('a request is signed as in the test suite of AWS (get-vanilla)', () => {
  const url = new URL('https://example.amazonaws.com/');
  expect(signRequest({ ...EXAMPLE, url })).toEqual({
    'x-amz-date': '20150830T123600Z',
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  });
});

test('parameters are signed in their order, whatever order they come in (get-vanilla-query-order-key-case)', () => {
  const url = new URL('https://example.amazonaws.com/?Param2=value2&Param1=value1');
  expect(signRequest({ ...EXAMPLE, url })['authorization']).toContain(
    'Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  );
});

test('the token of a session is sent and signed', () => {
  const url = new URL('https://example.amazonaws.com/');
  const credentials = { ...EXAMPLE.credentials, sessionToken: 'session' };
  const signed = signRequest({ ...EXAMPLE, url, credentials });
  expect([signed['x-amz-security-token'], signed['authorization']]).toEqual([
    'session',
    expect.stringContaining('SignedHeaders=host;x-amz-date;x-amz-security-token,'),
  ]);
});
