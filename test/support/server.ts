import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Role } from '#core/permissions.ts';
import { BreakwaterClient } from '../../clients/typescript/breakwater.ts';
import { ROOT } from '../repo-files.ts';
import { begin, type Running } from './breakwater.ts';
import { checkedFetch } from './checked-fetch.ts';
import { EXAMPLE } from './estates.ts';

export interface TestServer {
  readonly process: Running;
  readonly url: string;
  /** Of an Admin; empty if this start printed none. */
  readonly token: string;
  /** Of the Admin. */
  readonly client: BreakwaterClient;
  /** A client with a token of its own, issued by the Admin, or by the one whose token is given. */
  as(role: Role, name?: string, issuer?: string): Promise<BreakwaterClient>;
  /** Any request, for what no client sends. */
  ask(what: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answered>;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- a test says what it expects of an answer
  readonly body: any;
}

/** A server process on the example's estate, or as the directory was run before. With a token of an earlier start. */
export async function startServer(
  dataDir: string,
  {
    args = ['--scenario', EXAMPLE.estate, '--speed', '600'],
    token = '',
    port = '0',
    environment = {},
  }: {
    args?: string[];
    token?: string;
    port?: string;
    environment?: Readonly<Record<string, string>>;
  } = {},
): Promise<TestServer> {
  const process = begin(['serve', ...args, '--port', port, '--data-dir', dataDir, '--json'], { environment });
  const [line] = await process.until(/^\{"url".*\}$/m);
  const said = JSON.parse(line) as { url: string; adminToken?: string };
  const admin = said.adminToken ?? token;
  const clientWith = (token: string) => new BreakwaterClient({ url: said.url, token, fetch: checkedFetch });
  const client = clientWith(admin);
  return {
    process,
    url: said.url,
    token: admin,
    client,
    async as(role, name = role, issuer = admin) {
      const { data } = await clientWith(issuer).createToken({ body: { name, roles: [role] } });
      return clientWith(data.token);
    },
    async ask(what, body, headers = {}) {
      const [method, place] = what.split(' ') as [string, string];
      const answer = await fetch(`${said.url}${place}`, {
        method,
        headers: {
          authorization: `Bearer ${admin}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await answer.text();
      const isJson = /json/.test(answer.headers.get('content-type') ?? '');
      return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(text) : text };
    },
  };
}

/**
 * The Admin token that a server with these options prints when it starts, which it does only for that. Each is a person of its own
 * in approvals; those whose tokens one Admin has issued are not.
 */
export async function adminTokenOf(dataDir: string, options: readonly string[] = []): Promise<string> {
  const { process, token } = await startServer(dataDir, {
    args: ['--scenario', EXAMPLE.estate, '--speed', '600', ...options],
  });
  await process.kill('SIGTERM');
  return token;
}

/** The example's plan as YAML. */
export function examplePlan(): string {
  return readFileSync(path.join(ROOT, 'examples/core-banking/plan.yaml'), 'utf8');
}
