import { expect, test } from 'vitest';
import type { AuditEntry } from '#control/audit-log.ts';
import { systemClock } from '#clocks/system.ts';
import { DocumentRepository } from '#store/documents.ts';
import { memoryStore } from '#store/memory-store.ts';
import { serveAnswers, type Received } from '#solutions/testing/answering-server.ts';
import { solutionsOf } from './solutions.ts';

const { signal } = new AbortController();
const ORDER = { planId: 'app', mode: 'drill', mark: 'mark-1' } as const;
const ENV = 'BREAKWATER_SOLUTION_CORE';
const TOKEN = { type: 'token', env: ENV } as const;
const IAM = { type: 'iam', region: 'us-west-2' } as const;

interface Given {
  readonly auth?: typeof TOKEN | typeof IAM;
  readonly environment?: Readonly<Record<string, string>>;
  readonly url?: string;
  readonly simulated?: boolean;
  readonly isFunction?: boolean;
  /** Where all names lead. */
  readonly leadsTo?: string;
}

/** A solution named `core` in the settings, and what it gets to see. */
async function stage({
  auth = TOKEN,
  environment = { [ENV]: 'bwt_secret' },
  url,
  simulated = false,
  isFunction = false,
  leadsTo,
}: Given = {}) {
  const [received, entries]: [Received[], AuditEntry[]] = [[], []];
  const audit = { append: async (entry: AuditEntry) => void entries.push(entry) };
  const there = await serveAnswers((request) => {
    received.push(request);
    return { status: 202, body: { executionId: 'there-1' } };
  });
  const store = memoryStore();
  const kind = auth.type === 'iam' ? 'drs-orchestration' : 'breakwater';
  const solutions = { core: { url: url ?? there, kind, auth } } as const;
  const where = { table: 'platform-records', partition: 'settings', noun: 'document' } as const;
  await new DocumentRepository({ store, ...where }).create('settings', { identity: {}, solutions });
  const open = solutionsOf({
    store,
    clock: systemClock(),
    place: {
      simulated,
      aws: {
        services: {},
        region: 'us-east-1',
        credentials: { accessKeyId: 'AKID', secretAccessKey: 'never shown' },
        accounts: async () => null,
      },
    },
    environment,
    isFunction,
    ...(leadsTo !== undefined && { lookup: async () => [{ address: leadsTo, family: 4 }] }),
    audit: () => audit,
  });
  return {
    received,
    entries,
    there,
    open,
    start: async () => (await open('core', 'exec-1'))!.start(ORDER, signal),
  };
}

test('what is not in the settings is no solution', async () => {
  const { open } = await stage();
  expect([await open('other', 'exec-1'), await open('constructor', 'exec-1')]).toEqual([null, null]);
});

test('the token comes from the environment, and the start is in the evidence of the execution', async () => {
  const { received, entries, start } = await stage();
  await start();
  expect(received[0]?.headers['authorization']).toBe('Bearer bwt_secret');
  expect(entries).toEqual([
    {
      action: 'solution.start',
      by: 'breakwater',
      target: 'solution/core',
      executionId: 'exec-1',
      data: { ...ORDER, answer: 'there-1' },
    },
  ]);
});

test.each([
  { name: 'is not set', environment: {}, says: 'is not set' },
  { name: 'holds a line break', environment: { [ENV]: 'a\nb' }, says: 'holds something that is no token' },
])('nothing is sent when the variable $name', async ({ environment, says }) => {
  const { received, entries, start } = await stage({ environment });
  const error = `the environment variable ${ENV} of this server, for the token of core, ${says}`;
  await expect(start()).rejects.toMatchObject({ code: 'SolutionDenied', message: error });
  expect([received, entries[0]?.data]).toEqual([[], { ...ORDER, error }]);
});

test('with IAM the request is signed for API Gateway, and no secret is sent', async () => {
  const { received, start } = await stage({ auth: IAM });
  await start();
  expect(received[0]?.headers['authorization']).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/us-west-2\/execute-api\/aws4_request, SignedHeaders=host;x-amz-date, Signature=[0-9a-f]{64}$/,
  );
  expect(JSON.stringify(received)).not.toContain('never shown');
});

test('a server on a simulated AWS drives nothing that may be real', async () => {
  const { start } = await stage({ simulated: true, url: 'https://dr.example.com' });
  await expect(start()).rejects.toMatchObject({
    code: 'SolutionRefused',
    message:
      'core must not be asked: this server runs on a simulated AWS, and dr.example.com is not this machine',
  });
  await expect((await stage({ simulated: true })).start()).resolves.toBe('there-1');
});

test('a function of Lambda has no tokens, whatever its environment holds, and says what to do', async () => {
  const { received, start } = await stage({ isFunction: true, simulated: true });
  await expect(start()).rejects.toMatchObject({
    code: 'SolutionDenied',
    message:
      'on AWS Lambda there are no tokens, and core is asked with one: set its auth to {"type":"iam","region":…} if it is behind API Gateway, or run plans that drive it by breakwater serve',
  });
  expect(received).toEqual([]);
});

test('a name that leads to the metadata of this machine when it is asked gets nothing, whatever it was before', async () => {
  const { start } = await stage({ url: 'https://dr.example.com', leadsTo: '169.254.169.254' });
  await expect(start()).rejects.toMatchObject({
    code: 'SolutionRefused',
    message: 'core must not be asked: 169.254.169.254 is link-local or serves metadata',
  });
});

test('a name that leads to the own machine of a function gets nothing either', async () => {
  const { start } = await stage({
    isFunction: true,
    auth: IAM,
    url: 'https://dr.example.com',
    leadsTo: '127.0.0.1',
  });
  await expect(start()).rejects.toMatchObject({
    code: 'SolutionRefused',
    message: 'core must not be asked: dr.example.com is the machine of this function, where no solution runs',
  });
});

test.each(['http://127.0.0.1:9001', 'http://localhost:9001'])(
  'a function of Lambda asks nothing of its own machine: %s',
  async (url) => {
    const { entries, start } = await stage({ isFunction: true, auth: IAM, url });
    const host = new URL(url).hostname;
    const message = `core must not be asked: ${host} is the machine of this function, where no solution runs`;
    await expect(start()).rejects.toMatchObject({ code: 'SolutionRefused', message });
    expect(entries).toMatchObject([{ action: 'solution.start', data: { error: message } }]);
  },
);

test('a function of Lambda that works on a simulated AWS drives a solution on that machine, signed', async () => {
  const { received, start } = await stage({ isFunction: true, simulated: true, auth: IAM });
  await expect(start()).resolves.toBe('there-1');
  expect(received[0]?.headers['authorization']).toContain('/us-west-2/execute-api/aws4_request');
});
