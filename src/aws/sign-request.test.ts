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

test('a request is signed as in the test suite of AWS (get-vanilla)', async () => {
  const url = new URL('https://example.amazonaws.com/');
  expect(await signRequest({ ...EXAMPLE, url })).toEqual({
    'x-amz-date': '20150830T123600Z',
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  });
});

test('parameters are signed in their order, whatever order they come in (get-vanilla-query-order-key-case)', async () => {
  const url = new URL('https://example.amazonaws.com/?Param2=value2&Param1=value1');
  expect((await signRequest({ ...EXAMPLE, url }))['authorization']).toContain(
    'Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  );
});

test('the token of a session is sent and signed', async () => {
  const url = new URL('https://example.amazonaws.com/');
  const credentials = { ...EXAMPLE.credentials, sessionToken: 'session' };
  const signed = await signRequest({ ...EXAMPLE, url, credentials });
  expect([signed['x-amz-security-token'], signed['authorization']]).toEqual([
    'session',
    expect.stringContaining('SignedHeaders=host;x-amz-date;x-amz-security-token,'),
  ]);
});

/** Signatures that botocore's SigV4Auth makes of the same requests. */
test.each([
  {
    what: 'with a body, behind a stage',
    request: {
      method: 'POST',
      url: new URL('https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/v1/executions'),
      body: '{"mode":"drill"}',
      headers: { 'content-type': 'application/json' },
      credentials: EXAMPLE.credentials,
    },
    signature: '753ba56fc1bd1c49f68be15cc8687b6bf43aabac7756175aff595d4eacc61053',
  },
  {
    what: 'with an encoded path, parameters whose names begin alike, and a session',
    request: {
      method: 'GET',
      url: new URL(
        'https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/v1/executions/exec-1%20a%2Fb/events?limit=5&a=1&a-b=2&by=oidc%3Ahttps%3A%2F%2Fid%23u%201',
      ),
      body: '',
      credentials: { ...EXAMPLE.credentials, sessionToken: 'session' },
    },
    signature: '8c01a2f58e913b7122175defe87490d8edca0503ed956301ded3329cb2517865',
  },
])('a request to API Gateway $what is signed as botocore signs it', async ({ request, signature }) => {
  const now = Date.parse('2026-01-07T10:00:00Z');
  const signed = await signRequest({ ...request, service: 'execute-api', region: 'eu-west-1', now });
  expect(signed['authorization']).toMatch(new RegExp(`Signature=${signature}$`));
});
