import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readText, ROOT } from './repo-files.ts';

interface Reply {
  readonly status: number;
  readonly body: string;
}
interface Heard {
  readonly what: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const json = (body: unknown, status = 200): Reply => ({ status, body: JSON.stringify(body) });
const view = (status: string): Reply =>
  json({ executionId: 'exec-1', mode: 'drill', status, waves: [{ waveNumber: 1, status: 'failed' }] });
const STARTED = json({ executionId: 'exec-1', joined: false }, 202);
const JUNIT = '<testsuites name="core"/>';

const cleanUps: (() => void)[] = [];
afterEach(() => cleanUps.splice(0).forEach((cleanUp) => cleanUp()));

/** Runs the script against a server that answers from a list, the last of it for ever. */
async function drill(
  replies: { start?: Reply[]; look?: Reply[]; junit?: Reply[] },
  env: Record<string, string> = {},
) {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const what = `${request.method} ${request.url}`;
      heard.push({ what, headers: request.headers, body });
      const lists: Record<string, Reply[]> = {
        'POST /executions': replies.start ?? [STARTED],
        'GET /executions/exec-1': replies.look ?? [view('completed')],
        'GET /executions/exec-1/junit': replies.junit ?? [{ status: 200, body: JUNIT }],
      };
      const list = lists[what] ?? [json({ code: 'RouteNotFound', detail: what }, 404)];
      const { status, body: text } = list.length > 1 ? list.shift()! : list[0]!;
      response.writeHead(status).end(text);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const folder = mkdtempSync(path.join(tmpdir(), 'drill-'));
  cleanUps.push(
    () => server.close(),
    () => rmSync(folder, { recursive: true }),
  );
  const junitFile = path.join(folder, 'junit.xml');
  const child = spawn('sh', [path.join(ROOT, 'examples/ci/run-drill.sh')], {
    env: {
      PATH: process.env['PATH'],
      BREAKWATER_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      BREAKWATER_TOKEN: 'bw_secret',
      PLAN_ID: 'core-banking',
      RUN_ID: 'github-7-1',
      JUNIT_FILE: junitFile,
      POLL_SECONDS: '0',
      ...env,
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const [exitCode] = (await once(child, 'close')) as [number];
  return { exitCode, output, heard, junit: () => readFileSync(junitFile, 'utf8') };
}

test('starts a drill under the key of the run, waits for its end and writes the report', async () => {
  const { exitCode, output, heard, junit } = await drill({
    look: [view('planning'), view('in_progress'), view('completed')],
  });
  expect(output).toContain('drill exec-1 is completed');
  expect(exitCode).toBe(0);
  expect(junit()).toBe(JUNIT);
  expect(heard.map(({ what }) => what)).toEqual([
    'POST /executions',
    'GET /executions/exec-1',
    'GET /executions/exec-1',
    'GET /executions/exec-1',
    'GET /executions/exec-1/junit',
  ]);
  expect(heard[0]!.headers).toMatchObject({
    'idempotency-key': 'github-7-1',
    'content-type': 'application/json',
  });
  expect(JSON.parse(heard[0]!.body)).toEqual({ planId: 'core-banking', mode: 'drill', autoResume: true });
  expect(heard.every(({ headers }) => headers.authorization === 'Bearer bw_secret')).toBe(true);
  expect(output).not.toContain('bw_secret');
});

test.each(['failed', 'cancelled'])('fails when the drill %s, with the report', async (status) => {
  const { exitCode, junit } = await drill({ look: [view(status)] });
  expect(exitCode).toBe(1);
  expect(junit()).toBe(JUNIT);
});

test('asks again while the server restarts or is busy', async () => {
  const busy = json({ code: 'NotReady', detail: 'starting' }, 503);
  const { exitCode, heard } = await drill({
    start: [busy, STARTED],
    look: [
      view('in_progress'),
      busy,
      json({ code: 'TooManyRequests', detail: 'slow' }, 429),
      view('completed'),
    ],
  });
  expect(exitCode).toBe(0);
  expect(heard).toHaveLength(7);
});

test('says why a drill was refused, and does not ask again', async () => {
  const refusal = json({ code: 'ValidationFailed', detail: 'no servers match' }, 422);
  const { exitCode, output, heard } = await drill({ start: [refusal] });
  expect(exitCode).toBe(2);
  expect(output).toContain('(status 422): ValidationFailed: no servers match');
  expect(heard).toHaveLength(1);
});

test('gives up waiting in the end', async () => {
  const { exitCode, output } = await drill({ look: [view('paused')] }, { TIMEOUT_SECONDS: '2' });
  expect(exitCode).toBe(2);
  expect(output).toContain('has not ended after 2 s');
});

test.each([
  { what: 'no token', env: { BREAKWATER_TOKEN: '' } },
  { what: 'a plan id that breaks out of JSON', env: { PLAN_ID: 'a","mode":"recovery' } },
])('asks nothing with $what', async ({ env }) => {
  const { exitCode, heard } = await drill({}, env);
  expect(exitCode).not.toBe(0);
  expect(heard).toEqual([]);
});

test('the pipelines hand the script all it needs, and publish the report also of a drill that failed', () => {
  const github = parse(readText('examples/ci/github-actions.yml')) as {
    jobs: { drill: { steps: { env?: object; if?: string; with?: { path: string } }[] } };
  };
  const [, run, upload] = github.jobs.drill.steps;
  expect(Object.keys(run!.env!)).toEqual(['BREAKWATER_URL', 'BREAKWATER_TOKEN', 'PLAN_ID', 'RUN_ID']);
  expect(upload).toMatchObject({ if: 'always()', with: { path: 'breakwater-junit.xml' } });
  const gitlab = parse(readText('examples/ci/gitlab-ci.yml')) as { drill: object };
  expect(gitlab.drill).toMatchObject({
    artifacts: { when: 'always', reports: { junit: 'breakwater-junit.xml' } },
  });
});
