import { expect, test } from 'vitest';
import { askServer } from './server-access.ts';
import { serverIdentity } from './server-identity.ts';
import { serverUrl } from './server-url.ts';

const GATEWAY = 'https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/v1';
const IAM = { BREAKWATER_AUTH: 'iam' };
const credentialsIn = () => async () => ({ accessKeyId: 'AKIAX', secretAccessKey: 'hush-hush' });

type Sent = { url: string; method: string; headers: Record<string, string>; body: unknown };

function clientAt(
  given: string,
  environment: Record<string, string>,
  answer: () => Response = () => Response.json({}),
) {
  const sent: Sent[] = [];
  const slept: number[] = [];
  const url = serverUrl(given);
  const ask = askServer({
    url,
    ...serverIdentity(url, environment, credentialsIn),
    sleep: async (ms) => void slept.push(ms),
    fetch: (async (place: URL, { method, headers, body }: RequestInit) => {
      sent.push({ url: place.href, method: method!, headers: headers as Record<string, string>, body });
      return answer();
    }) as typeof fetch,
  });
  return { ask, sent, slept };
}

test.each([
  {
    what: 'a name of API Gateway is signed for the Region in the name, whatever else is set',
    url: GATEWAY,
    environment: { ...IAM, AWS_REGION: 'us-east-1', BREAKWATER_SERVER_ID: 'bw-1' },
    sends: ['authorization', /\/eu-west-1\/execute-api\/aws4_request, SignedHeaders=host;x-amz-date, /],
  },
  {
    what: 'another name with the id of a server gets a proof for it',
    url: 'https://dr.example.com',
    environment: { ...IAM, AWS_REGION: 'us-east-1', BREAKWATER_SERVER_ID: 'bw-1' },
    sends: ['x-breakwater-iam-proof', /^eyJ/],
  },
  {
    what: 'another name without one is API Gateway behind it, in the Region of the environment',
    url: 'https://dr.example.com/v1',
    environment: { ...IAM, AWS_REGION: 'eu-central-1' },
    sends: ['authorization', /\/eu-central-1\/execute-api\/aws4_request, /],
  },
] as const)('by IAM: $what', async ({ url, environment, sends: [header, value] }) => {
  const { ask, sent } = clientAt(url, environment);
  await ask('POST', '/executions', { body: { mode: 'drill' } });
  expect(sent[0]!.headers[header]).toMatch(value);
});

test('by IAM: every request is signed for itself: its method, path, parameters and body', async () => {
  const { ask, sent } = clientAt(GATEWAY, IAM);
  await ask('POST', '/executions', { body: { mode: 'drill' } });
  await ask('POST', '/executions', { body: { mode: 'recovery' } });
  await ask('GET', '/executions');
  await ask('GET', '/executions', { query: { limit: 5 } });
  const signatures = sent.map(({ headers }) => headers['authorization']!.split('Signature=')[1]);
  expect(new Set(signatures).size).toBe(4);
});

test('the stage stands before every path, and a blank is sent as it was signed', async () => {
  const { ask, sent } = clientAt(`${GATEWAY}/`, { BREAKWATER_TOKEN: 't' });
  await ask('GET', '/audit', { query: { by: 'u 1+2' } });
  expect(sent[0]!.url).toBe(`${GATEWAY}/audit?by=u%201%2B2`);
});

test('the key of a usage plan goes along with whatever proves who asks', async () => {
  const { ask, sent } = clientAt(GATEWAY, { BREAKWATER_TOKEN: 't', BREAKWATER_API_KEY: 'k-1' });
  await ask('GET', '/me');
  expect(sent[0]!.headers).toMatchObject({ authorization: 'Bearer t', 'x-api-key': 'k-1' });
});

test.each([
  {
    status: 401,
    code: 'Unauthenticated',
    says: 'the gateway answered 401: no; it was signed for API Gateway',
  },
  {
    status: 403,
    code: 'Unauthenticated',
    says: 'the gateway answered 403: no; it was signed for API Gateway',
  },
  { status: 429, code: 'TooManyRequests', says: 'the gateway answered 429: no' },
  { status: 504, code: 'ServerUnreachable', says: 'the gateway answered 504: no' },
])('what API Gateway itself answers with $status is told as $code', async ({ status, code, says }) => {
  const { ask } = clientAt(GATEWAY, IAM, () => Response.json({ message: 'no' }, { status }));
  await expect(ask('GET', '/me')).rejects.toMatchObject({ code, message: expect.stringContaining(says) });
});

test.each(['Forbidden', 'Missing Authentication Token'])(
  'what API Gateway says of a place that is not there (%s) is told as a doubt about the address',
  async (message) => {
    const { ask } = clientAt(GATEWAY, IAM, () => Response.json({ message }, { status: 403 }));
    await expect(ask('GET', '/me')).rejects.toThrow(
      `the gateway answered 403: ${message}; the address may be wrong: it holds the stage, such as /v1; it was signed`,
    );
  },
);

test('a token that is refused is told as what it was, and what Breakwater on AWS takes instead', async () => {
  const refused = (): Response => Response.json({ message: 'Unauthorized' }, { status: 401 });
  const { ask } = clientAt(GATEWAY, { BREAKWATER_TOKEN: 'hush' }, refused);
  await expect(ask('GET', '/me')).rejects.toMatchObject({
    message:
      'the gateway answered 401: Unauthorized; it was BREAKWATER_TOKEN: see that this server has made it, and that it has not expired; ' +
      'Breakwater on AWS takes --auth cognito or --auth iam',
    remedy:
      'Present an identity that the server takes: a token, a sign-in or a proof by IAM; see docs/security.md.',
  });
});

test.each([
  { method: 'GET', says: 'no answer from https://dr.example.com in 0.01 s' },
  {
    method: 'POST',
    says: 'no answer from https://dr.example.com in 0.01 s; it may have been done: look before you repeat',
  },
])('a server that takes a $method and never answers is not waited for forever', async ({ method, says }) => {
  const hanging = (_place: URL, { signal }: RequestInit): Promise<Response> =>
    new Promise((_, reject) => {
      signal!.addEventListener('abort', () => reject(signal!.reason as Error));
    });
  const ask = askServer({
    url: 'https://dr.example.com',
    identity: async () => ({}),
    fetch: hanging as typeof fetch,
    patienceMs: 10,
  });
  await expect(ask(method, '/executions')).rejects.toMatchObject({
    code: 'ServerUnreachable',
    message: says,
  });
});

test('of a refused signature only the first line is told: what follows holds the session token', async () => {
  const message = 'The request signature does not match.\n\nx-amz-security-token:hush';
  const { ask } = clientAt(GATEWAY, IAM, () => Response.json({ message }, { status: 403 }));
  const error = await ask('GET', '/me').catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ message: expect.stringContaining('signature does not match.;') });
  expect(JSON.stringify(error) + String(error)).not.toContain('hush');
});

test.each([
  { given: 'dr.example.com' },
  { given: 'ftp://dr.example.com' },
  { given: 'https://ana:hush@dr.example.com' },
  { given: 'https://dr.example.com/?stage=v1' },
])('$given is no address of a server, and what it holds is not repeated', ({ given }) => {
  expect(() => serverUrl(given)).toThrow(/^(?!.*hush).*expected https:\/\/HOST/);
});

const busy = (): Response => Response.json({ message: 'Too Many Requests' }, { status: 429 });
const cutOff = (): never => {
  throw new TypeError('fetch failed');
};

/** Answers these, one after the other, and the last one from then on. */
function inTurn(...answers: (() => Response)[]): () => Response {
  return () => (answers.length > 1 ? answers.shift()! : answers[0]!)();
}
const well = (): Response => Response.json({ id: 'ana' });

test.each([
  { what: 'throttled', answers: inTurn(busy, busy, well), waits: [500, 1_000] },
  {
    what: 'answered by a gateway whose server is away',
    answers: inTurn(() => new Response('<html>', { status: 502 }), well),
    waits: [500],
  },
])('a read that is $what is asked again after a while', async ({ answers, waits }) => {
  const { ask, slept } = clientAt(GATEWAY, { BREAKWATER_TOKEN: 't' }, answers);
  expect(await ask('GET', '/me')).toEqual({ id: 'ana' });
  expect(slept).toEqual(waits);
});

test('a lost answer is asked for again when the server has answered before; at first, it says so at once', async () => {
  const { ask, slept } = clientAt(GATEWAY, {}, inTurn(cutOff, well, cutOff, cutOff, well));
  await expect(ask('GET', '/me')).rejects.toMatchObject({ code: 'ServerUnreachable' });
  expect(slept).toEqual([]);
  await ask('GET', '/me');
  expect(await ask('GET', '/me')).toEqual({ id: 'ana' });
  expect(slept).toEqual([500, 1_000]);
});

test('a read is given up after four more tries', async () => {
  const { ask, sent, slept } = clientAt(GATEWAY, {}, busy);
  await expect(ask('GET', '/me')).rejects.toMatchObject({ code: 'TooManyRequests' });
  expect([sent.length, slept]).toEqual([5, [500, 1_000, 2_000, 4_000]]);
});

test('what acts is sent once, whatever is answered: it may have taken effect', async () => {
  const { ask, sent } = clientAt(GATEWAY, {}, inTurn(well, cutOff, busy));
  await ask('GET', '/me');
  await expect(ask('POST', '/executions', { body: {} })).rejects.toMatchObject({ code: 'ServerUnreachable' });
  await expect(ask('POST', '/executions', { body: {} })).rejects.toMatchObject({ code: 'TooManyRequests' });
  expect(sent).toHaveLength(3);
});
