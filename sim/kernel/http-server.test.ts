import { GetParameterCommand, ParameterNotFound, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, describe, expect, test } from 'vitest';
import { listen, type Listener } from './http-server.ts';
import { ACCOUNT, rejection, testSimulation } from './testing.ts';

let listener: Listener | undefined;

afterEach(async () => {
  await listener?.close();
  listener = undefined;
});

const GOOD = { accessKeyId: `AKIASIMU${ACCOUNT}`, secretAccessKey: `secret-of-${ACCOUNT}` };

async function serve(additions: object = {}) {
  const simulation = testSimulation(additions);
  const { url } = (listener = await listen(simulation.core));
  const config = (credentials: object = GOOD) => ({
    region: 'us-west-2',
    endpoint: url,
    credentials: { ...GOOD, ...credentials },
    maxAttempts: 1,
  });
  return { ...simulation, url, ssm: (credentials?: object) => new SSMClient(config(credentials)), config };
}

test('SDK clients work over HTTP with signatures that are checked', async () => {
  const { ssm, config } = await serve();
  await ssm().send(new PutParameterCommand({ Name: 'a b', Value: 'ü <&>' }));

  expect((await ssm().send(new GetParameterCommand({ Name: 'a b' }))).Parameter?.Value).toBe('ü <&>');
  expect(await rejection(ssm().send(new GetParameterCommand({ Name: 'none' })))).toBeInstanceOf(
    ParameterNotFound,
  );
  expect(await new STSClient(config()).send(new GetCallerIdentityCommand({}))).toMatchObject({
    Account: ACCOUNT,
  });
});

describe('credentials that are refused', () => {
  test.each([
    {
      what: 'an unknown key',
      credentials: { accessKeyId: 'AKIAUNKNOWN000000000' },
      json: 'UnrecognizedClientException',
      query: 'InvalidClientTokenId',
    },
    {
      what: 'a wrong secret',
      credentials: { secretAccessKey: 'wrong' },
      json: 'InvalidSignatureException',
      query: 'SignatureDoesNotMatch',
    },
    {
      what: 'a session token that the key does not have',
      credentials: { sessionToken: 'x' },
      json: 'UnrecognizedClientException',
      query: 'InvalidClientTokenId',
    },
  ])('$what', async ({ credentials, json, query }) => {
    const { ssm, config } = await serve();

    expect(await rejection(ssm(credentials).send(new GetParameterCommand({ Name: 'a' })))).toMatchObject({
      name: json,
    });
    expect(
      await rejection(new STSClient(config(credentials)).send(new GetCallerIdentityCommand({}))),
    ).toMatchObject({ name: query, $metadata: { httpStatusCode: 403 } });
  });

  test('a session whose time is over in simulated time', async () => {
    const { ssm, config, clock } = await serve({
      accounts: [
        {
          accountId: ACCOUNT,
          roles: [{ name: 'R' }],
          regions: { 'us-west-2': { ssm: { parameters: { a: '1' } } } },
        },
      ],
    });
    const { Credentials } = await new STSClient(config()).send(
      new AssumeRoleCommand({
        RoleArn: `arn:aws:iam::${ACCOUNT}:role/R`,
        RoleSessionName: 'session',
        DurationSeconds: 900,
      }),
    );
    const session = {
      accessKeyId: Credentials?.AccessKeyId,
      secretAccessKey: Credentials?.SecretAccessKey,
      sessionToken: Credentials?.SessionToken,
    };
    const get = () => ssm(session).send(new GetParameterCommand({ Name: 'a' }));

    expect((await get()).Parameter?.Value).toBe('1');
    await clock.sleep(899_000);
    expect((await get()).Parameter?.Value).toBe('1');
    await clock.sleep(1_000);
    expect(await rejection(get())).toMatchObject({ name: 'ExpiredTokenException' });
    const sts = new STSClient(config(session));
    expect(await rejection(sts.send(new GetCallerIdentityCommand({})))).toMatchObject({
      name: 'ExpiredToken',
    });
  });

  test('a body that was changed after it was signed', async () => {
    const { ssm } = await serve();
    const client = ssm();
    client.middlewareStack.add(
      (next) => (args) => next({ ...args, request: { ...(args.request as object), body: '{"Name":"bb"}' } }),
      { step: 'finalizeRequest', priority: 'low', override: true },
    );

    expect(await rejection(client.send(new GetParameterCommand({ Name: 'aa' })))).toMatchObject({
      name: 'InvalidSignatureException',
    });
  });

  test('a request without a signature', async () => {
    const { url } = await serve();

    const answer = await fetch(url, { method: 'POST', body: 'Action=GetCallerIdentity&Version=2011-06-15' });

    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('<Code>MissingAuthenticationToken</Code>');
  });
});

test('a lost response breaks the connection after the request took effect', async () => {
  const { ssm, core } = await serve({
    faults: [{ fault: 'responseLost', operation: 'PutParameter', times: 1 }],
  });

  expect(await rejection(ssm().send(new PutParameterCommand({ Name: 'a', Value: '1' })))).toMatchObject({
    code: 'ECONNRESET',
  });
  expect(core.stats.effects({ operation: 'PutParameter' })).toBe(1);
  expect((await ssm().send(new GetParameterCommand({ Name: 'a' }))).Parameter?.Value).toBe('1');
});

test('a mistake in a simulated service is answered as a server error that says so', async () => {
  const { ssm } = await serve();

  const error = await rejection(ssm().send(new PutParameterCommand({ Name: 'broken', Value: '1' })));

  expect(error).toMatchObject({ $metadata: { httpStatusCode: 500 } });
});

test('the Date header is real time, whatever the simulated time is', async () => {
  const { url } = await serve();

  const date = Date.parse((await fetch(url)).headers.get('date') ?? '');

  expect(Math.abs(date - Date.now())).toBeLessThan(5_000);
});

test('a port that is taken is refused', async () => {
  const { core } = await serve();

  expect(await rejection(listen(core, { port: listener!.port }))).toMatchObject({ code: 'EADDRINUSE' });
});

test('everything that is answered says that it is simulated, also to a stranger', async () => {
  const { url } = await serve();
  const response = await fetch(url);
  expect([response.status, response.headers.get('x-breakwater-simulated')]).toEqual([403, 'true']);
});
