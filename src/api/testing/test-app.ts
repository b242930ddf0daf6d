import { BreakwaterError } from '#core/errors.ts';
import type { Role } from '#core/permissions.ts';
import { createApp } from '../app.ts';
import type { AnyRoute } from '../route.ts';

export interface TestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Parsed, if it is JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- a test says what it expects of an answer
  readonly body: any;
}

export interface Question {
  readonly as?: Role;
  readonly body?: unknown;
  readonly ifMatch?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Routes in an app that checks its answers, unless told otherwise. `ask('PUT /things/a', {as: 'Admin', body, ifMatch: 1})`. */
export async function testApp(
  routes: readonly AnyRoute[],
  { checkAnswers = true }: { readonly checkAnswers?: boolean } = {},
): Promise<{
  ask(what: string, question?: Question): Promise<TestAnswer>;
  describe(): { paths: Record<string, Record<string, unknown>> };
  readonly errors: unknown[];
}> {
  const errors: unknown[] = [];
  const app = await createApp({
    routes,
    checkAnswers,
    onError: (error) => errors.push(error),
    authenticator: {
      authenticate: async ({ headers }) => {
        const role = headers['x-role'] as Role | undefined;
        if (role === undefined) throw new BreakwaterError('Unauthenticated', 'no token');
        return { id: `token:${role}`, kind: 'token', name: role, roles: [role] };
      },
    },
  });
  return {
    errors,
    describe: () => app.swagger() as unknown as { paths: Record<string, Record<string, unknown>> },
    async ask(what, { as = 'Admin', body, ifMatch, headers = {} } = {}) {
      const [method, url] = what.split(' ') as [string, string];
      const answer = (await app.inject({
        method: method as 'GET',
        url,
        headers: {
          'x-role': as,
          ...(ifMatch === undefined ? {} : { 'if-match': `"${ifMatch}"` }),
          ...headers,
        },
        ...(body === undefined ? {} : { payload: body as object }),
      })) as unknown as { statusCode: number; headers: Record<string, string>; body: string };
      const isJson = /json/.test(answer.headers['content-type'] ?? '');
      return {
        status: answer.statusCode,
        headers: answer.headers,
        text: answer.body,
        body: isJson ? JSON.parse(answer.body) : undefined,
      };
    },
  };
}
